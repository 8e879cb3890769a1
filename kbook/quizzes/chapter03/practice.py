"""Questions on sections 6 to 10 of chapter 3: the loop, the data, cures, modes, bugs."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="03-q6",
        section="6 The loop",
        prompt=(
            "A loop of plain SGD with η = 0.01 forgets `zero_grad()`. Suppose that the gradient of "
            "every batch is 1. How far does the 100th step move the weight?"
        ),
        choices=(
            Choice(
                "0.01",
                "This is the step with the reset. Without it, `backward()` adds to `.grad`, which "
                "by now holds the sum of 100 gradients.",
            ),
            Choice(
                "0.1",
                "This is momentum with β = 0.9: it forgets a tenth of its sum at each step, so its "
                "step ends at η/(1 − β). Here nothing is ever forgotten.",
            ),
            Choice(
                "50.5",
                "This is the whole way of 100 steps, 0.01 · (1 + 2 + … + 100). The last of them "
                "uses the sum of 100 gradients.",
            ),
            Choice(
                "1",
                "Right: `.grad` holds the sum of all gradients so far, 100 of them. The bug turns "
                "SGD into momentum with β = 1, a ball without friction.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="03-q7",
        section="7 Three kinds of data",
        prompt=(
            "You train 200 nets that differ in their settings and seeds. On your 100 test pictures "
            "their mean accuracy is 90 %, and the best net reaches 97 %. You keep that one. What "
            "do you expect of it on new pictures?"
        ),
        choices=(
            Choice(
                "97 %, as no test picture was used in training",
                "They were used to choose. Choosing among 200 nets is training too, with 200 "
                "possible outcomes, and its winner is as good as its luck.",
            ),
            Choice(
                "Less than 97 %, maybe no more than 90 %",
                "Right: choosing the best also chooses luck. If all 200 had a true accuracy of "
                "90 % and erred independently, the best would still show about 97 % on 100 "
                "pictures.",
            ),
            Choice(
                "Less than 90 %, as it is over-fitted",
                "Choosing changes no weight, so it makes no net worse. What was over-fitted is the "
                "number 97 %; the net itself is no worse than the others, maybe better.",
            ),
            Choice(
                "97 % again, provided that a few new seeds confirm it on the test set",
                "New seeds take away the luck of the seed. The settings were still chosen for "
                "these 100 pictures, so only pictures that took no part can tell.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="03-q8",
        section="8 Over-fitting, and what helps",
        prompt=(
            "A net reads all of its 300 training digits right after 20 epochs. Its validation "
            "accuracy climbs to 94 % by then and stays there, within half a point, until epoch "
            "100; the validation loss falls all the time. What will early stopping do for you?"
        ),
        choices=(
            Choice(
                "Raise the accuracy, as training accuracy of 100 % means over-fitting",
                "Learning the training data by heart is not yet harm. Over-fitting shows where "
                "the validation curves turn for the worse, and these do not.",
            ),
            Choice(
                "Nothing for the accuracy: no measurement is worse than one before",
                "Right: it can only go back to an earlier net that was better, and there is none. "
                "A cure needs a disease.",
            ),
            Choice(
                "Stop at epoch 20, as nothing is left to be learned",
                "It watches the validation loss, and this still falls after epoch 20. The "
                "training accuracy has no say.",
            ),
            Choice(
                "Lower the accuracy, as fewer epochs make any net worse",
                "It keeps the net of the lowest validation loss, here the last one. It cannot "
                "choose a net that was worse by its own measure.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="03-q9",
        section="9 A switch left on",
        prompt=(
            "A net with dropout, but without batch normalization, is evaluated three times in a "
            "row on the same pictures. It reads 84.1, 83.6 and 82.9 % of them right. What is "
            "missing?"
        ),
        choices=(
            Choice(
                "`net.eval()` before the first evaluation",
                "Right: dropout is still drawing units to switch off, so each pass is another, "
                "thinned net. In evaluation mode the three results are equal, and usually higher.",
            ),
            Choice(
                "`torch.no_grad()`",
                "This only stops torch from recording the graph, which saves memory. Dropout asks "
                "for the mode of the net, and draws on.",
            ),
            Choice(
                "A fixed seed before each evaluation",
                "The results would then agree, and the bug be hidden: some of the units would "
                "still be switched off. An evaluation should draw nothing at all.",
            ),
            Choice(
                "Nothing: such a scatter is natural for a test set of finite size",
                "That scatter is between different test sets. The same weights on the same "
                "pictures give the same answers, unless something in the net is random.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="03-q10",
        section="10 The check-list",
        prompt=(
            "A ten-class net starts with a loss of 2.30. Trained on one single batch, it soon "
            "reads every picture of it right, but the loss stops at 1.46. Which bug fits?"
        ),
        choices=(
            Choice(
                "The gradients are not reset",
                "This changes the steps, not the loss, and nothing keeps that above 0. The loss "
                "may swing or blow up, but it has no floor at 1.46.",
            ),
            Choice(
                "Label smoothing was left on, with ε = 0.1",
                "It does give the loss a floor, the entropy of the smoothed labels. But for ten "
                "classes and ε = 0.1 that is 0.50.",
            ),
            Choice(
                "The loss receives probabilities instead of logits",
                "Right: one-hot probabilities, taken as logits, still cost ln(1 + 9/e) = 1.46. The "
                "start at ln 10 = 2.30 cannot show this bug; learning a batch by heart does.",
            ),
            Choice(
                "The learning rate is far too small for this batch",
                "Then the loss would still be falling, slowly, and not stand at one value. With "
                "logits, a net that is right can lower it further by being more sure.",
            ),
        ),
        answer=2,
    ),
)

PREDICTION = Question(
    id="03-predict",
    section="9 A switch left on",
    prompt=(
        "A net with batch normalization has learned to tell two digits apart. In evaluation mode "
        "it reads all test pictures right, or nearly all. Now evaluate the same weights on the "
        "same pictures once more, and forget one line, `net.eval()`. The pictures are sorted: "
        "each batch holds one digit only. How many are read right?"
    ),
    choices=(
        Choice(
            "As many as before",
            "The weights are the same, but not the function: in training mode batch normalization "
            "measures each picture against its batch. With shuffled batches you would see little.",
        ),
        Choice(
            "A few percent fewer",
            "That is what slightly different means and deviations would do. But a batch of one "
            "digit has a mean of its own, and with it the very thing to be seen is subtracted.",
        ),
        Choice(
            "About one half",
            "Right: in training mode each batch is shifted to mean 0, so what all its pictures "
            "have in common, their digit, is subtracted. What remains is no better than a coin.",
        ),
        Choice(
            "Almost none",
            "To be wrong on nearly all of them, the net would have to know the digit. With the "
            "mean of the batch subtracted it cannot, and a guess between two is often right.",
        ),
    ),
    answer=2,
)
