"""Questions on sections 1 to 5 of chapter 3: the step, its noise, its size, and the start."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="03-q1",
        section="1 A step, and how far",
        prompt=(
            "A valley has curvature 100 across and 1 along its floor. Gradient descent crawls "
            "along the floor with η = 0.019, so you raise η by a tenth, to 0.021. What happens?"
        ),
        choices=(
            Choice(
                "The floor takes about a tenth fewer steps",
                "The floor alone would allow that, but η is shared. Across the valley the error is "
                "now multiplied by 1 − 0.021 · 100 = −1.1 at each step.",
            ),
            Choice(
                "It diverges, from side to side of the valley",
                "Right: across, a step multiplies the error by 1 − 0.021 · 100 = −1.1, so it "
                "grows. The steep direction sets the limit, 2/100 = 0.02, and the flat one pays.",
            ),
            Choice(
                "It diverges along the floor, where no steep slope holds it back",
                "Along the floor a step multiplies the error by 1 − 0.021 = 0.979, which still "
                "shrinks it. A curvature of 1 would allow any η below 2.",
            ),
            Choice(
                "It bounces from side to side, but settles in the end",
                "That is η = 0.019: the factor across is −0.9, so the sides alternate and the "
                "error shrinks. At 0.021 it is −1.1, so every bounce is larger than the last.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="03-q2",
        section="2 Mini-batches",
        prompt=(
            "The gradient of a random batch of 32 typically misses the gradient of a very large "
            "data set by 8. You take batches of 128, so a step costs four times as much. How large "
            "is the typical miss now?"
        ),
        choices=(
            Choice(
                "2",
                "This divides the miss by 4. Four times the samples divide the variance by 4, "
                "and so the miss by √4 = 2.",
            ),
            Choice(
                "8",
                "A larger batch is no more right on average: the mean over all batches is exact "
                "for any size. But a single batch scatters less around it.",
            ),
            Choice(
                "4",
                "Right: the miss falls as 1/√B, the work grows as B. So a batch four times as "
                "large is only twice as exact, and after some point more steps are worth more.",
            ),
            Choice(
                "16",
                "The misses of a sum do grow, by √4 = 2. But the gradient of a batch is a mean, "
                "and it divides this sum by 4.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="03-q3",
        section="3 Momentum to AdamW",
        prompt=(
            "Two weights are both 1. The gradients of the loss change their signs from batch to "
            "batch, with size 100 at the first weight and 0.01 at the second. You add an L2 "
            "penalty, whose gradient is 0.001 at both, and train with Adam. Which weight does the "
            "penalty shrink faster?"
        ),
        choices=(
            Choice(
                "Both at the same rate",
                "This is weight decay as AdamW does it, beside the gradient. An L2 penalty goes "
                "into the gradient, and Adam divides that by 100 or by 0.01.",
            ),
            Choice(
                "The first, with its large gradients",
                "Adam divides by the size of the gradients, so large ones make the pull of the "
                "penalty small: 0.001 / 100.",
            ),
            Choice(
                "The second, with its small gradients",
                "Right: Adam divides the pull of 0.001 by 0.01 here and by 100 there, so it is "
                "about 10,000 times stronger. AdamW would decay both at the same rate.",
            ),
            Choice(
                "Neither: Adam scales every gradient to size 1",
                "It scales the whole gradient, loss and penalty together, by one factor per "
                "weight. The signs of the loss cancel over time, the scaled pull does not.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="03-q4",
        section="4 The learning rate",
        prompt=(
            "In a range test of SGD the loss is flat up to η = 0.003, falls fastest near 0.1, is "
            "lowest at 0.5, and explodes from 1 on. Which constant η do you try first?"
        ),
        choices=(
            Choice(
                "0.1",
                "Right: here a step gains most, and the cliff is still a factor of 10 away. It is "
                "a first guess on a log scale, not a measurement.",
            ),
            Choice(
                "0.5",
                "The loss is lowest here because all the smaller rates before have lowered it, and "
                "no longer falls. It is also the last stop before the cliff.",
            ),
            Choice(
                "0.9",
                "It did not explode in the few steps that the test spent near it, at this stage of "
                "the training. A whole run needs some room below the cliff.",
            ),
            Choice(
                "0.003",
                "Safe, but here the loss hardly moved: you would pay with about 30 times as many "
                "steps. Flat means too small to see an effect, not good.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="03-q5",
        section="5 Where to start",
        prompt=(
            "A signal passes through 20 layers of 512 relu units without biases. The weights are "
            "drawn with mean 0 and variance 1/512. By which factor does its mean square change?"
        ),
        choices=(
            Choice(
                "About 1",
                "For linear layers, and for tanh near 0, it is n · Var(w) = 1 each. But a relu "
                "sets the negative half of its inputs to 0, and with it half of their mean square.",
            ),
            Choice(
                "About 1/1,000,000",
                "Right: each layer multiplies it by n · Var(w) / 2 = 1/2, and 2⁻²⁰ is about 1e-6. "
                "He's variance, 2/n, makes up for the half.",
            ),
            Choice(
                "About 1/2",
                "This is the loss of one relu. The next layer mixes what is left into positive and "
                "negative values again, and its relu takes half once more: (1/2)²⁰ in all.",
            ),
            Choice(
                "About 1,000,000",
                "Each unit adds up 512 terms, but each term is made small by a weight of variance "
                "1/512. A growth by 2²⁰ is what variance 2/512 does without relu.",
            ),
        ),
        answer=1,
    ),
)
