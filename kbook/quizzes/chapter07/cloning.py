"""Questions on sections 1 to 5 of chapter 7, and the prediction of section 5."""

from kbook.quizzes.question import Choice, Question

# Measured: what five saved clones ask for, in 1/m, 0.8 m off the line of a straight road and turned
# 0.23 rad away from it. A test computes them again: write a new record here as well.
LEAST, MOST = "0.02", "0.05"

QUESTIONS = (
    Question(
        id="07-q1",
        section="1 From a picture to a curve",
        prompt=(
            "For one and the same frame the data has two answers, equally often: a left circle and "
            "a right one, both with a radius of 1,000 m. One net learns the radius with its sign, "
            "one the curvature, both by the squared error. Which circles do they answer?"
        ),
        choices=(
            Choice(
                "Both go straight on",
                "The net of curvatures does. The mean of 1,000 m and −1,000 m is 0 m, and straight "
                "on would be infinite: the radius has its two gentlest answers at opposite ends.",
            ),
            Choice(
                "A radius of 0 m; a curvature of 0 / m",
                "Right: the squared error asks for the mean. A radius of 0 m is a turn on the "
                "spot, a curvature of 0 is straight on, between the two gentle circles.",
            ),
            Choice(
                "A radius of 1,000 m to one side; a curvature of 0.001 / m to the same",
                "The mean of both answers lies between them. A net that picks one of two needs a "
                "loss for classes, or for distributions, not the squared error.",
            ),
            Choice(
                "A radius of infinity; a curvature of 0 / m",
                "For the curvature this is right. No mean of 1,000 and −1,000 is infinite, "
                "although straight on would be the sensible circle between the two.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="07-q2",
        section="2 A car and a driver",
        prompt=(
            "The center line of a left curve has a radius of 20 m. A car is 2 m left of it, points "
            "along the road, and wants to stay there. Which curvature must it drive?"
        ),
        choices=(
            Choice(
                "0 / m: it points along the road already",
                "The road turns on. With the curvature 0 the heading psi would change by "
                "−0.05 · ds/dt, and the car would leave the curve to the outside.",
            ),
            Choice(
                "0.045 / m",
                "This is 1 / 22, for a car 2 m outside. Left of a left curve is nearer to its "
                "center.",
            ),
            Choice(
                "0.050 / m, that of the road",
                "This is the center line's circle. The car's has the same center, but 2 m less "
                "radius: ds/dt is v / 0.9, so the road turns faster below it.",
            ),
            Choice(
                "0.056 / m",
                "Right: its circle has a radius of 18 m. The formula says the same: psi stays at 0 "
                "if the curvature is 0.05 / (1 − 0.05 · 2).",
            ),
        ),
        answer=3,
    ),
    Question(
        id="07-q3",
        section="3 A road to practice on",
        prompt=(
            "The camera looks straight ahead over flat ground. What lies 13 m ahead appears six "
            "rows below the horizon. How far ahead is the ground that appears three rows below it?"
        ),
        choices=(
            Choice(
                "26 m",
                "Right: rows times meters is always f · h, here 78. So near the horizon a single "
                "row covers many meters, and a small error of the angle is a large one there.",
            ),
            Choice(
                "19.5 m: half of the rows, half as far again",
                "This takes distance for a straight line in the rows. It is 78 / rows: four rows "
                "below are 19.5 m, and three are further.",
            ),
            Choice(
                "6.5 m: half as many rows, half as far",
                "Turned around: the nearer the ground, the further down it appears. 6.5 m ahead is "
                "twelve rows below.",
            ),
            Choice(
                "It depends on the focal length and on the height of the camera",
                "Both matter, but only as a product, f · h. The first point tells this product: "
                "6 · 13 = 78.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="07-q4",
        section="4 Cloning the driver",
        prompt=(
            "The clone's error is as small on five roads that it was not trained on as on its own "
            "ten. The expert drove all fifteen. What follows?"
        ),
        choices=(
            Choice(
                "The clone can drive new roads",
                "Held out were roads, not situations: all frames show a car that the expert keeps "
                "on its line. Where the clone itself would get to, nobody has asked it.",
            ),
            Choice(
                "Nothing: five roads are too few",
                "Five roads of half a minute are 1,500 frames, and they do show something: with "
                "frames learned by heart the error on new roads would be far larger.",
            ),
            Choice(
                "It has not learned its ten roads by heart",
                "Right: it generalizes to new roads of the same kind, with the car where the "
                "expert holds it. Its answers off the line are another question.",
            ),
            Choice(
                "It has understood what keeps a car on the road, and would do it off the line too",
                "A small error says that the answers agree where they were compared. Off the line "
                "there was not one frame, so it says nothing of that.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="07-q5",
        section="5 In closed loop",
        prompt=(
            "A policy errs with the chance 1/1000 at each decision; once wrong, it stays wrong to "
            "the end. On drives of 100 decisions 4.9 are wrong, in the mean. And of 200?"
        ),
        choices=(
            Choice(
                "4.9: its error is the same",
                "The chance at each decision is. But a drive of 200 decisions has twice as many "
                "occasions to go wrong, and more that is lost by it.",
            ),
            Choice(
                "About 10, twice as many",
                "So it would be if it came back at once: 0.2 instead of 0.1. Here each mistake "
                "also costs the rest of the drive, and that is twice as long.",
            ),
            Choice(
                "About 19, nearly four times as many",
                "Right: about T² ε / 2. There are twice as many occasions for the first mistake, "
                "and each costs twice as much on average.",
            ),
            Choice(
                "About 100, half of the drive",
                "This is where half of all decisions are wrong. The chance of any mistake at all "
                "in 200 decisions is only 18 %.",
            ),
        ),
        answer=2,
    ),
)

PREDICTION = Question(
    id="07-predict",
    section="5 In closed loop",
    prompt=(
        "A net has copied 3,000 frames of a perfect driver who never steered harder than about "
        "0.04 / m; on new roads of this driver its error is tiny. Then a gust of wind turns the "
        "car. The driver would now steer back with 0.08 / m. What does the net ask for?"
    ),
    choices=(
        Choice(
            "About 0.08 / m: its error is tiny, after all",
            "The error was measured where the driver had been. Such a turn was in none of these "
            "frames; what the net says there was never compared with anything.",
        ),
        Choice(
            "About 0.16 / m: off its data a net exaggerates",
            "It might: nothing forbids it. But a net that never had to say more than 0.04 has "
            "no reason to have learned it, and in the experiment none does.",
        ),
        Choice(
            "About 0.04 / m, the hardest that it has seen, or less",
            "Right: it steers back, but much too little. Five trained nets gave "
            f"{LEAST} to {MOST}; their answers saturate where the labels of the data end.",
        ),
        Choice(
            "About 0 / m: it does not know such frames, and holds the wheel straight",
            "It does see that the road lies aside, and steers toward it, as it did in curves. Its "
            "answer has the right sign; what is missing is the size.",
        ),
    ),
    answer=2,
)
