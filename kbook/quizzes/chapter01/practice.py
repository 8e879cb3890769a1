"""Questions on sections 5 to 9 of chapter 1: numerics, meaning, training, bugs."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="01-q5",
        section="5 Numbers that overflow",
        prompt=(
            "A softmax that subtracts the largest logit first cannot overflow. Why does "
            "`-np.log(softmax(z)[1])` with z = (0, −800) still give `inf`?"
        ),
        choices=(
            Choice(
                "Because the loss of this sample really is infinite",
                "It is 800: the loss is log-sum-exp minus the true logit, here 0 − (−800). No "
                "finite logits give an infinite loss.",
            ),
            Choice(
                "Because the sum of the exponentials is 0, and 0 is divided by 0",
                "The largest logit contributes exp(0) = 1, so the sum is at least 1. And 0/0 "
                "would give `nan`, not `inf`.",
            ),
            Choice(
                "Because `exp(-800)` is rounded to 0 before the log is taken",
                "Right: underflow, then log 0 = −inf. Log-softmax takes the log on paper: "
                "z − logsumexp(z) = −800, so the loss is 800.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="01-q6",
        section="6 What the number means",
        prompt=(
            "Before its first step, a ten-class net has a mean cross-entropy of 6.5 on a balanced "
            "data set. What is the likely reason?"
        ),
        choices=(
            Choice(
                "The labels have been shuffled by mistake",
                "An undecided net gives every label p = 1/10, so it starts at ln 10 = 2.30 with "
                "shuffled labels too. Shuffling shows later: the loss does not fall on new data.",
            ),
            Choice(
                "Its first logits are large, so it is sure of itself and mostly wrong",
                "Right: equal logits would give ln 10 = 2.30, and a loss far above can only come "
                "from sure mistakes. Start with smaller weights in the last layer.",
            ),
            Choice(
                "The learning rate is too large",
                "No step has been taken yet, so the learning rate has had no effect. A wrong "
                "start is a matter of initialization.",
            ),
            Choice(
                "Nothing: an untrained net has to start above ln 10",
                "It should start close to ln 10 = 2.30, the loss of p = 1/10 for every class. "
                "A loss of 6.5 means p = 0.0015 for the true class, on (geometric) average.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="01-q7",
        section="6 What the number means",
        prompt=(
            "For every input, a fair coin decided which of two labels was written down. What "
            "cross-entropy, in nats, does the best possible model reach on new samples?"
        ),
        choices=(
            Choice(
                "0.693",
                "Right: H(q, p) = H(q) + KL(q‖p). The best model has p = q, so the divergence is "
                "0, and the entropy ln 2 = 0.693 of the labels remains.",
            ),
            Choice(
                "0",
                "Only the divergence KL(q‖p) falls to 0. The cross-entropy also contains the "
                "entropy of the labels, which no model can remove.",
            ),
            Choice(
                "0.5",
                "This is the best error rate, not the loss. At p = 1/2 each label costs −ln(1/2).",
            ),
            Choice(
                "1",
                "This is the right amount in bits. With the natural log it is ln 2 nats.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="01-q8",
        section="7 Label smoothing",
        prompt=(
            "With K = 10 classes and label smoothing ε = 0.1, what is the smallest loss that any "
            "logits can reach?"
        ),
        choices=(
            Choice(
                "0, as without smoothing",
                "With hard labels the loss comes as close to 0 as you like. A smoothed target q "
                "has an entropy of its own, and no loss goes below it.",
            ),
            Choice(
                "About 0.09",
                "This is −ln 0.91, the loss of the true class alone at p = 0.91. The other nine "
                "have a weight of 0.01 each in q, and there −ln p is 4.61.",
            ),
            Choice(
                "About 2.30",
                "This is ln 10, the loss of equal logits. At the minimum p = q, which is far "
                "from uniform: 0.91 for the true class.",
            ),
            Choice(
                "About 0.50",
                "Right: the entropy of q = (0.91, 0.01, …, 0.01), reached at p = q. So a smoothed "
                "training loss cannot be compared with a plain one.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="01-q9",
        section="8 Train it on handwritten digits",
        prompt=(
            "You minimize the mean cross-entropy of N = 1000 samples plus (λ/2)·‖W‖² with "
            "λ = 0.01. scikit-learn minimizes ‖W‖²/2 plus C times the sum of the losses. Which C "
            "gives the same W?"
        ),
        choices=(
            Choice(
                "C = 100",
                "This is 1/λ, which would be right for a mean. scikit-learn multiplies C by the "
                "sum of the losses, which is N times as large.",
            ),
            Choice(
                "C = 0.1",
                "Right: divide scikit-learn's objective by C·N and compare: λ = 1/(C·N), so "
                "C = 1/(0.01 · 1000) = 0.1.",
            ),
            Choice(
                "C = 10",
                "This is λ·N, the inverse of the right value. C multiplies the data term, so "
                "a larger C means less regularization.",
            ),
            Choice(
                "C = 0.01",
                "This is λ itself. C multiplies the losses, not the penalty, and the losses "
                "are summed, not averaged.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="01-q10",
        section="9 Break it",
        prompt=(
            "A ten-class training prints the losses −2.3, −9.8, −31 and so on, while the "
            "accuracy falls to 0 %. Which bug is it?"
        ),
        choices=(
            Choice(
                "The learning rate is too large",
                "That can make a loss jump or diverge, but upwards: a cross-entropy is a mean of "
                "−ln p, and p ≤ 1, so it is never negative.",
            ),
            Choice(
                "A softmax is applied before a loss that applies softmax itself",
                "Then the loss has a floor at 1.46 for ten classes, and the accuracy still rises.",
            ),
            Choice(
                "A minus sign too many in front of the loss",
                "Right: a negative value cannot be a cross-entropy. Minimizing minus the loss is "
                "gradient ascent, so it pushes the true class down.",
            ),
            Choice(
                "Log-softmax is applied before a loss that applies log-softmax itself",
                "This changes nothing: log-softmax subtracts logsumexp, and that of "
                "log-probabilities is ln 1 = 0.",
            ),
        ),
        answer=2,
    ),
)

PREDICTION = Question(
    id="01-predict",
    section="9 Break it",
    prompt=(
        "The last layer of your ten-class model is softmax: it turns ten raw scores, called "
        "logits, into probabilities. Your loss function expects logits and applies softmax "
        "itself. You train. What happens?"
    ),
    choices=(
        Choice(
            "An error message",
            "Probabilities are valid logits: any ten finite numbers are. Shapes and types fit, so "
            "nothing complains.",
        ),
        Choice(
            "The loss becomes NaN",
            "Numbers between 0 and 1 are the safest logits there are: nothing overflows, and no "
            "log of 0 is taken.",
        ),
        Choice(
            "It trains, but its loss stays far above zero",
            "Right: at best the inner softmax gives a one-hot vector, and with it as logits the "
            "loss is still 1.46. The gradient shrinks too, so training is slow.",
        ),
        Choice(
            "Nothing changes: softmax of a softmax is the same",
            "That holds for log-softmax. Softmax of (1, 0, …, 0) gives the true class only "
            "e/(e + 9) = 0.23.",
        ),
    ),
    answer=2,
)
