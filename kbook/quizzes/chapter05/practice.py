"""Questions on sections 6 to 10 of chapter 5: counting, taking parts out, heads, bugs, speed."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="05-q6",
        section="6 ResNet, 8 to 56 layers",
        prompt=(
            "ResNet-56 has nine blocks in each of three stages, with 16, 32 and 64 channels, on "
            "maps of 32×32, 16×16 and 8×8 pixels, and shortcut A. Which stage has the most "
            "parameters, and how do the multiplications compare, to within 5 %?"
        ),
        choices=(
            Choice(
                "Parameters: all alike. Multiplications: most in the first",
                "Nine blocks each, but a 3×3 layer has 9 · 64 · 64 weights in the last stage and "
                "9 · 16 · 16 in the first, a 16th. With 16 times the pixels this is as much work.",
            ),
            Choice(
                "Parameters: the last. Multiplications: most in the first",
                "A map of the first stage has 16 times as many pixels as one of the last, but each "
                "pixel meets a 16th of the weights. The two nearly cancel: it is 3 % ahead.",
            ),
            Choice(
                "Parameters: the last. Multiplications: most in the last",
                "A weight is used once for each pixel of the map that it makes. In the last stage "
                "there are 64 of them for 16 times as many weights, in the first 1,024.",
            ),
            Choice(
                "Parameters: the last. Multiplications: about alike",
                "Right: twice the channels in and out make four times the weights, so the last "
                "stage has 76 % of them. A quarter of the pixels makes up for it, to about 3 %.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="05-q7",
        section="7 Which part does what",
        prompt=(
            "Suppose that a residual net of 8 layers errs on 1.3, 1.5 and 1.7 % of the pictures, "
            "with three seeds. Without its skips it errs on 1.4, 1.6 and 1.8 %, without batch "
            "normalization on 4.1, 6.2 and 9.8 %. What do these numbers show?"
        ),
        choices=(
            Choice(
                "Skips do nothing, so nets can do without them",
                "They show no difference at 8 layers, with three seeds. At 56 layers the digits "
                "of this chapter tell another story: with skips nearly all read, without fewer "
                "than half.",
            ),
            Choice(
                "Skips save 0.1 points, as each of the three numbers is lower with them",
                "Seeds alone differ by 0.4 points, four times as much. And the numbers are sorted, "
                "not paired: nothing connects the 1.3 with the 1.4.",
            ),
            Choice(
                "Normalization saves 5.2 points, skips 0.1, both together 5.3",
                "Each part was taken out of a net that kept the other. What both save together "
                "takes another experiment, as parts can help or replace each other.",
            ),
            Choice(
                "Normalization matters at 8 layers, for skips nothing is shown",
                "Right: without normalization the best seed, 4.1, is far from the worst of the "
                "full net, 1.7. The means with and without skips differ by less than the seeds do.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="05-q8",
        section="8 The library's ResNet",
        prompt=(
            "You load a trained `resnet18`, set `requires_grad = False` for all its parameters, "
            "replace the head, and train only that, with the whole net in `train()`. Which "
            "numbers of the old part have changed afterward?"
        ),
        choices=(
            Choice(
                "The running means and variances",
                "Right: they are buffers, changed by each forward pass in training mode, without "
                "an optimizer or a gradient. To keep the old part as it was, put it into `eval()`.",
            ),
            Choice(
                "None: they get no gradient",
                "This holds for parameters. Running means and variances never had a gradient: each "
                "forward pass in training mode replaces a tenth of them by those of its batch.",
            ),
            Choice(
                "γ and β of the batch norms, as they are no weights",
                "They are parameters, learned by their gradients and frozen with the others. The "
                "numbers of a batch norm that no gradient moves are its running statistics.",
            ),
            Choice(
                "All weights, by weight decay",
                "Weight decay is part of an optimizer's step, and torch's optimizers pass over "
                "each parameter that has no gradient. Only the new head decays.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="05-q9",
        section="9 What was called a ResNet",
        prompt=(
            "A net for cats and dogs, with random weights, has a cross-entropy of 6.9 before its "
            "first step. After the training it reads 95 % of the test pictures right. What is "
            "probably wrong with it?"
        ),
        choices=(
            Choice(
                "Its softmax is inside the model",
                "Then its two classes would still start near ln 2 = 0.69, and the loss could not "
                "fall below 0.31. That floor gives this bug away, not the start.",
            ),
            Choice(
                "Its head has 1,000 logits instead of 2",
                "Right: ln 1000 = 6.91 is the loss of a guess among 1,000 classes, ln 2 = 0.69 "
                "among two. It learns that 998 of them never come, so the accuracy hides it.",
            ),
            Choice(
                "Its skips are missing",
                "Even if no signal came through, all logits would be alike and the loss ln K, for "
                "two classes 0.69. The first loss tells the number of classes, not that of skips.",
            ),
            Choice(
                "Its learning rate is ten times too high: 10 · ln 2 = 6.9",
                "Before the first step no learning rate has been used. That 10 · ln 2 = 6.93 is so "
                "near to ln 1000 = 6.91 only says that 2^10 = 1,024 is near to 1,000.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="05-q10",
        section="10 Training fast",
        prompt=(
            "An epoch takes 10 s: 6 s for loading and 4 s for computing, which take turns. A "
            "loader that is twice as fast makes it 7 s; half precision, which halves the time of "
            "computing, makes it 8 s. How long does an epoch take with both?"
        ),
        choices=(
            Choice(
                "2.5 s",
                "This multiplies 2 by 2. But each change makes only its own part twice as fast; "
                "the whole epoch became 10/7 = 1.43 and 10/8 = 1.25 times as fast.",
            ),
            Choice(
                "5 s",
                "Right: one saves 3 s, the other 2 s, and savings add up. The factors do not "
                "multiply, as 10/7 · 10/8 is 1.79, not 2: of the 7 s that are left, 2 s are a "
                "larger share.",
            ),
            Choice(
                "5.6 s",
                "This multiplies the factors: 10/7 · 10/8 = 1.79. It takes a fifth off the 7 s, "
                "which is 1.4 s; but half precision saves half of the computing, 2 s.",
            ),
            Choice(
                "7 s",
                "Then computing would cost nothing as long as the loader is slower. This is so "
                "only if both run at the same time, and the epoch would take 3 s, not 7.",
            ),
        ),
        answer=1,
    ),
)

PREDICTION = Question(
    id="05-predict",
    section="6 ResNet, 8 to 56 layers",
    prompt=(
        "Two nets of 56 layers with batch normalization have equally many weights and train for "
        "12 epochs on the same 1,000 digits, with the same settings. One of them, the residual "
        "net, has 27 plus signs more. A plain net of 8 layers reads all these digits afterward. "
        "How many of these digits, which they were trained on, do the two deep nets read?"
    ),
    choices=(
        Choice(
            "Both read all of them, and pay for it with test digits",
            "This is what over-fitting would look like. But the plain net does not get so far: of "
            "the digits that it was trained on it reads 13 to 40 %, for ten seeds.",
        ),
        Choice(
            "The residual net all, the plain net 9 of 10: it is a bit slower",
            "So it is at 32 layers, more or less: 75 to 93 % for the plain net. At 56 layers it "
            "is 13 to 40 %: in 12 epochs its training hardly gets anywhere.",
        ),
        Choice(
            "The residual net nearly all, the plain net fewer than half",
            "Right: 99.9 to 100 % against 13 to 40 %, for ten seeds. Digits, weights and "
            "settings are the same, so neither over-fitting nor too small a net explains it.",
        ),
        Choice(
            "Both fewer than half: 56 layers are too many for 1,000 digits",
            "True of the plain net, with 13 to 40 % for ten seeds. Its twin is as deep, has as "
            "many weights, and reads 99.9 to 100 %. So the number of layers alone is not to blame.",
        ),
    ),
    answer=2,
)
