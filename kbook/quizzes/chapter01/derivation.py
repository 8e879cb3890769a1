"""Questions on sections 1 to 4 of chapter 1: the loss and its gradient."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="01-q1",
        section="1 From a coin to binary cross-entropy",
        prompt=(
            "A model gives the true labels of three samples the probabilities 0.5, 0.5 and 0.01. "
            "How large is its mean cross-entropy, in nats?"
        ),
        choices=(
            Choice(
                "About 0.66",
                "This is the mean of 1 − p: 0.5, 0.5 and 0.99. The loss is −ln p, which grows "
                "without bound as p falls; the third sample alone costs 4.61.",
            ),
            Choice(
                "About 6.0",
                "This is the sum: 0.69 + 0.69 + 4.61. Divide by N = 3, or the loss would grow "
                "with the size of the data set.",
            ),
            Choice(
                "About 2.0",
                "Right: (0.69 + 0.69 + 4.61) / 3 = 2.00. One sure mistake outweighs two "
                "undecided answers, since −ln 0.01 = 4.61.",
            ),
            Choice(
                "About 0.0025",
                "This is the likelihood, 0.5 · 0.5 · 0.01. The loss is minus its log, divided by "
                "N = 3; products of many probabilities would underflow.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="01-q2",
        section="2 Logits, and a gradient worth remembering",
        prompt=(
            "Two samples have the label y = 1. The first has the logit z = −3, the second "
            "z = −30. What are the gradients ∂ℓ/∂z of their cross-entropies?"
        ),
        choices=(
            Choice(
                "−0.95 and −1.00",
                "Right: σ(z) − y is σ(−3) − 1 = −0.95 and σ(−30) − 1 = −1.00. The loss goes on "
                "growing with −z (3.05 and 30), its slope does not.",
            ),
            Choice(
                "−3 and −30",
                "This is the logit itself. The loss is roughly −z here, 3.05 and 30, so its slope "
                "is about −1 in both places.",
            ),
            Choice(
                "0.05 and 0.00",
                "This is p = σ(z), with the label forgotten: the gradient is p − y. A gradient "
                "of zero would leave the worst sample where it is.",
            ),
            Choice(
                "−0.09 and −0.00, as the sigmoid is flat there",
                "The flat slope p(1 − p) does appear in the chain rule, but the derivative of "
                "−ln p, which is −1/p, cancels it. With the squared error it stays.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="01-q3",
        section="3 Why not the squared error?",
        prompt=(
            "A sample with y = 1 has z = −10, so p = 0.000045. How do the gradients of (p − y)² "
            "and of the cross-entropy with respect to z compare?"
        ),
        choices=(
            Choice(
                "They are nearly equal: both contain p − y",
                "Both contain p − y, but the squared error multiplies it by 2p(1 − p) = 0.000091: "
                "−0.000091 against −1.0.",
            ),
            Choice(
                "Cross-entropy's is zero here, because the sigmoid saturates",
                "The other way round: in the cross-entropy the flat sigmoid cancels, and the "
                "gradient is p − y = −1.0.",
            ),
            Choice(
                "They have opposite signs",
                "Both losses fall as p rises to 1, so both gradients are negative. What differs "
                "is the factor 2p(1 − p), which is never negative.",
            ),
            Choice(
                "The squared error's is about 11,000 times smaller",
                "Right: 2(p − y) p(1 − p) against p − y, and 1/(2p(1 − p)) is about 11,000. Where "
                "the model is sure and wrong, the squared error hardly moves it.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="01-q4",
        section="4 K classes: softmax and its cross-entropy",
        prompt=(
            "For one sample the softmax gives p = (0.7, 0.2, 0.1); the true class is the second. "
            "What is the gradient of its cross-entropy with respect to the logits?"
        ),
        choices=(
            Choice(
                "(−0.7, 0.8, −0.1)",
                "This is y − p, the direction of a step downhill. The gradient points uphill: "
                "p − y.",
            ),
            Choice(
                "(0.7, −0.8, 0.1)",
                "Right: p − y with y = (0, 1, 0). A step downhill raises the true logit by 0.8 "
                "times the step size, lowers the others, and leaves their sum unchanged.",
            ),
            Choice(
                "(0, −0.8, 0)",
                "The loss does contain the other logits, through the sum in the softmax: raising "
                "one of them lowers the probability of the true class.",
            ),
            Choice(
                "(0, −5, 0)",
                "This is the gradient with respect to p, −1/0.2 for the true class. Through the "
                "softmax it becomes p − y.",
            ),
        ),
        answer=1,
    ),
)
