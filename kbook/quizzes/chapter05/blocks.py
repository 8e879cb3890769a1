"""Questions on sections 1 to 5 of chapter 5: depth, batch normalization, and the skip."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="05-q1",
        section="1 Deeper is worse",
        prompt=(
            "A plain net of 20 layers errs on 5 % of its training pictures and 8 % of the test "
            "pictures. One of 56 layers, trained alike, errs on 9 % and 12 %. Somebody says that "
            "the deeper net over-fits. What do you answer?"
        ),
        choices=(
            Choice(
                "Yes: it errs on more of the test pictures, and that is over-fitting",
                "Over-fitting is a gap: good on the training pictures, bad on others. The gap is 3 "
                "points in both nets. What has grown is the error on the training pictures.",
            ),
            Choice(
                "Yes: with so many weights it learns the noise of its training pictures",
                "A net that learns the noise reads its training pictures too well. This one reads "
                "them worse than the smaller net, so it has missed even what is no noise.",
            ),
            Choice(
                "No: it errs more often even on the pictures that it was trained on",
                "Right: over-fitting lowers the training error, and here it is higher. On the way "
                "to the test pictures both nets lose 3 points; the deeper one is worse before.",
            ),
            Choice(
                "No: a net of 56 layers cannot represent what one of 20 layers can",
                "It can: 20 layers do what the small net does, and 36 pass on what they get. This "
                "net would err on 5 % of the training pictures too; the training does not find it.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="05-q2",
        section="2 Do the signals vanish?",
        prompt=(
            "Before its training you measure the gradient of the loss by the weights of a plain "
            "net with batch normalization. The norm is 5.8 at layer 1, 1.6 at layer 10, 0.40 at "
            "layer 20 and 0.10 at layer 30. What do you read from this?"
        ),
        choices=(
            Choice(
                "The gradient vanishes: through 30 layers it shrinks to 0.10",
                "This reads the table in the order of the forward pass. A gradient starts at the "
                "loss, so it comes to layer 30 first, and layer 1 has the largest one.",
            ),
            Choice(
                "On its way back it grows by about 15 % a layer",
                "Right: from layer 30 to layer 1 it grows 58 times, and 58 is 1.15 to the power "
                "29. Ten layers multiply it by 4, wherever you look, so it explodes and does not "
                "vanish.",
            ),
            Choice(
                "On its way back it grows by about 0.20 a layer",
                "(5.8 − 0.10) / 29 is 0.20, but ten layers add 0.3 from layer 30 to 20, and nine "
                "add 4.2 from 10 to 1. What stays the same is a factor, as Jacobians multiply.",
            ),
            Choice(
                "Nothing yet: the weights are random, and so are these norms",
                "A norm sums up many random numbers, so it varies little. A factor of 4 for every "
                "ten layers is no accident: draw other weights, and the trend is there again.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="05-q3",
        section="3 Batch normalization",
        prompt=(
            "In one channel a batch norm in training mode divides by σ = 0.5, and γ is 2. The "
            "gradient G that reaches its output is 0.3 for each sample and each pixel. Which "
            "gradient does it pass to its input x?"
        ),
        choices=(
            Choice(
                "1.2 everywhere",
                "This is γ / σ · 0.3, with mean and variance held fixed, as in evaluation mode. "
                "In training mode they come from x: move all x by 0.1, and the mean moves along.",
            ),
            Choice(
                "0.3 everywhere",
                "So it would be if it only added a number to x. But it multiplies by γ / σ = 4, "
                "and what it subtracts, the mean, moves along with x.",
            ),
            Choice(
                "A multiple of x̂",
                "That term is x̂ times the mean of G · x̂. With 0.3 everywhere this mean is 0.3 "
                "times the mean of x̂, and x̂ has mean 0.",
            ),
            Choice(
                "0 everywhere",
                "Right: the same number added to all x changes no output, so a gradient that asks "
                "for this is removed. G − mean(G) is 0, mean(G · x̂) too; only β gets the sum of G.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="05-q4",
        section="4 One plus sign",
        prompt=(
            "In a block y = relu(F(x) + x) you set γ and β of the last batch norm to 0. Its input "
            "x comes from the relu of the block before. What does the block put out, and what "
            "does its plain twin y = relu(F(x)) put out with γ and β at 0?"
        ),
        choices=(
            Choice(
                "The block x, the twin 0",
                "Right: F(x) is 0, and relu leaves x alone, as it has no negative entry. To pass "
                "on x, a block just lets F fade; the twin has to learn filters that copy.",
            ),
            Choice(
                "The block half of x, the twin 0",
                "A relu takes away what is negative. What comes out of the relu before has no "
                "negative entries left to lose, so all of x passes.",
            ),
            Choice(
                "Both x, since F does nothing",
                "An F that does nothing puts out 0, not its input. Only the skip takes x around "
                "F; in the twin there is no other way than through F.",
            ),
            Choice(
                "Both 0, and for good",
                "The block puts out x, and γ gets a gradient, the sum of G · x̂, so F wakes up "
                "after a step. Only the twin stays dead: its relu gets 0 and has slope 0 there.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="05-q5",
        section="5 What the skip does to the gradient",
        prompt=(
            "Ten blocks y = x + F(x) follow each other, and at some x the Jacobian of each F is "
            "J = −0.5 · I. By what is a gradient multiplied on its way back through all ten?"
        ),
        choices=(
            Choice(
                "(1 + 0.5)^10 = 57.7",
                "This gives all 1,024 paths the same sign. A path through an odd number of "
                "branches has a negative one: here J takes away from what the skip brings.",
            ),
            Choice(
                "At least 1",
                "The path around all branches adds 1, but the others are added to it, with their "
                "signs; the ten through one branch add −5. All 1,024 together give 0.5^10.",
            ),
            Choice(
                "(1 − 0.5)^10 = 0.001",
                "Right: a block multiplies by I + J. The skip adds a path with factor 1, but "
                "promises nothing: of 1,024 paths half are negative. With J near 0 the factor "
                "would stay near 1.",
            ),
            Choice(
                "1 + (−0.5)^10 = 1.001",
                "These are two of 1,024 paths: around all branches, and through all. Ten more go "
                "through one branch only, and they alone add 10 · (−0.5) = −5.",
            ),
        ),
        answer=2,
    ),
)
