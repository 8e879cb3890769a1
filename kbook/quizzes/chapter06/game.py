"""Questions on sections 1 to 4 of chapter 6: the game, its gradients, collapse, missing pairs."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="06-q1",
        section="1 A game for two",
        prompt=(
            "At some x the density of the data is 0.6, and that of the generator is 0.2. Which "
            "probability of being real does the best discriminator give to this x?"
        ),
        choices=(
            Choice(
                "0.75",
                "Right: p / (p + q) = 0.6 / 0.8. There the slope of 0.6 ln D + 0.2 ln(1 − D) is 0, "
                "as 0.6 / 0.75 and 0.2 / 0.25 are both 0.8.",
            ),
            Choice(
                "0.6",
                "This is the density of the data alone. The discriminator compares: where the "
                "generator makes nothing, it is sure of real data however small p is.",
            ),
            Choice(
                "3",
                "0.6 / 0.2 = 3 is no probability but the odds, three to one, that x is real. Of "
                "four pictures like this three are real, so D is 3 / 4.",
            ),
            Choice(
                "0.5, as the best discriminator cannot tell them apart",
                "So it is where both densities are equal, at the end of a game that the generator "
                "has won. Here the data is three times as dense, and D can use that.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="06-q2",
        section="2 What the generator follows",
        prompt=(
            "A made picture is found out: D = 0.01. The generator minimizes ln(1 − D), or else "
            "−ln D. What are the slopes of these two losses by the logit of D?"
        ),
        choices=(
            Choice(
                "−1.01 and −100",
                "These are the slopes by D, −1 / (1 − D) and −1 / D. On the way to the logit the "
                "sigmoid multiplies both by its own slope, D(1 − D) = 0.0099.",
            ),
            Choice(
                "−0.01 and −0.99",
                "Right: −D and −(1 − D). The first loss is flat just where the generator has most "
                "to learn, the second is steep there; so the second is what one trains with.",
            ),
            Choice(
                "−0.99 and −0.01",
                "Exchanged. ln(1 − D) is near its largest value, 0, when D is small, and flat "
                "there. It gets steep as D comes near 1, when nothing is left to learn.",
            ),
            Choice(
                "−0.0099 and −0.0099",
                "0.01 · 0.99 = 0.0099 is the slope of the sigmoid alone. Each loss multiplies it "
                "by its slope by D: −1.01 makes −0.01 of it, −100 makes −0.99.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="06-q3",
        section="2 What the generator follows",
        prompt=(
            "Data is spread evenly over the numbers from 0 to 1, and a generator's numbers evenly "
            "over 5 to 6. It moves them to 4 to 5. What happens to the Jensen–Shannon divergence "
            "and to the Wasserstein distance?"
        ),
        choices=(
            Choice(
                "Both fall by a fifth",
                "Only the Wasserstein distance knows how far apart two places are. The divergence "
                "compares the densities at each place, and here one of them is 0 everywhere.",
            ),
            Choice(
                "Both stay as they are, since nothing overlaps yet",
                "True of the divergence. The Wasserstein distance needs no overlap: it is the mean "
                "way on which the numbers must be carried, 5 before and 4 now.",
            ),
            Choice(
                "The divergence stays infinite, the distance falls from 5 to 4",
                "The KL divergence is infinite here. Jensen–Shannon compares each density with the "
                "mean of both, which is never less than half of it, so it ends at ln 2.",
            ),
            Choice(
                "The divergence stays at 0.69, the distance falls from 5 to 4",
                "Right: without overlap the divergence is ln 2 = 0.69, near or far, so it has no "
                "slope. The distance tells the generator that it has come nearer.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="06-q4",
        section="3 When the generator repeats itself",
        prompt=(
            "The data lies in eight equally probable bumps that do not overlap. A generator puts "
            "all its points into one of them, spread there exactly like the data. What does the "
            "best discriminator say within this bump?"
        ),
        choices=(
            Choice(
                "1/2: in this bump made points look exactly like real ones",
                "They do, but there are too many of them. Of 18 points, 9 real and 9 made, all the "
                "made ones lie here and, on average, 9/8 of the real ones.",
            ),
            Choice(
                "0: it recognizes that the generator repeats itself",
                "It sees one point at a time, so it cannot see a repetition. And a point here may "
                "well be real, since one in eight of the data lies in this bump.",
            ),
            Choice(
                "1/9",
                "Right: where the data has density p, the generator has 8p, and p / (p + 8p) is "
                "1/9. D is 1 in the other bumps: all points move to one of them, and D follows.",
            ),
            Choice(
                "1/8",
                "This is the share of the data in this bump, p / q. The discriminator's answer is "
                "p / (p + q): for each real point there are 8 made ones, 9 in all.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="06-q5",
        section="4 Two domains and no pairs",
        prompt=(
            "There are just three horses and three zebras, all equally frequent. How many maps G "
            "from horses to zebras have the smallest possible GAN loss, and how many pairs of such "
            "a G and a map F back have moreover a cycle loss of 0?"
        ),
        choices=(
            Choice(
                "6 maps, 1 pair",
                "The cycle loss only asks that F brings back what G took away. A horse that "
                "becomes the wrong zebra comes home as well, if F makes the same exchange.",
            ),
            Choice(
                "6 maps, 6 pairs",
                "Right: G may exchange the zebras as it likes, 3! = 6, as all are equally "
                "frequent. To each G there is one F that undoes it. The right one is not marked.",
            ),
            Choice(
                "27 maps, 6 pairs",
                "3 · 3 · 3 = 27 counts maps that send two horses to one zebra too. Then some zebra "
                "is never made, the densities differ, and the critic notices.",
            ),
            Choice(
                "1 map, 1 pair: each horse has its own zebra",
                "Nobody told the nets which zebra belongs to which horse. A critic sees single "
                "pictures, never a horse beside its zebra.",
            ),
        ),
        answer=1,
    ),
)
