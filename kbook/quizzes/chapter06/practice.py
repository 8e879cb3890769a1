"""Questions on sections 6 to 11 of chapter 6, and the prediction of section 7."""

from kbook.quizzes.question import Choice, Question

# Measured: mean differences of colors, from 0 to 1, to the true zebras of 256 scenes. A test
# computes them again from the saved nets, so a new record has to be written here as well.
UNTOUCHED = "0.048"
AFTER_100 = "0.082"
AFTER_300 = "0.054"
AFTER_600 = "0.036"

QUESTIONS = (
    Question(
        id="06-q6",
        section="6 One step of training",
        prompt=(
            "In the generators' step somebody computes `D_Y(fake_y)` under `torch.no_grad()`, so "
            "that the critic does not learn from it. The cycle loss is added as ever. What happens?"
        ),
        choices=(
            Choice(
                "G learns as before, only the weights of D_Y are left out",
                "That is what `requires_grad = False` does to these weights. Under `no_grad` "
                "nothing is recorded, not even how the score depends on the picture.",
            ),
            Choice(
                "`backward` raises an error, since the score has no graph",
                "For the score alone it would. But it is added to the cycle loss, which has a "
                "graph, so all runs without a complaint, and the loss is even printed rightly.",
            ),
            Choice(
                "G learns from the cycle loss alone",
                "Right: the gradient has to go through D_Y to reach G, and that way is cut. A G "
                "that copies its input then suffices, and no error tells you.",
            ),
            Choice(
                "D_Y learns to take made zebras for real",
                "So it would if it were not frozen and its optimizer used what arrived. Here "
                "nothing arrives: the `.grad` of its weights stays None.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="06-q7",
        section="7 Measured against the truth",
        prompt=(
            "Suppose that an animal covers a fifth of a picture. The untouched horse differs from "
            "the true zebra by 0.25 within the animal and by 0 around it. A net's translation "
            "differs by 0.15 within and by 0.03 around, and a classifier takes it for a zebra. "
            "Which of the two pictures is nearer to the truth?"
        ),
        choices=(
            Choice(
                "The net's: 0.15 + 0.03 is less than 0.25",
                "This weighs each part alike. The background has four fifths of the pixels, so "
                "0.03 there counts as much as 0.12 within the animal.",
            ),
            Choice(
                "The net's: it is taken for a zebra",
                "To a classifier stripes are stripes, wherever they lie. It was never shown the "
                "true zebra of this scene, so it cannot know how far away it is.",
            ),
            Choice(
                "The horse: its 0 around the animal is better than 0.03",
                "The conclusion is right, the reason is not: with 0.01 around the animal the net "
                "would win, 0.038 to 0.050. Both parts count, by their numbers of pixels.",
            ),
            Choice(
                "The horse: 0.050 against 0.054",
                "Right: a fifth of 0.25, against a fifth of 0.15 and four fifths of 0.03. What "
                "the net gained within the animal it lost again around it.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="06-q8",
        section="8 The hidden message",
        prompt=(
            "Suppose that horses wear saddles in ten equally frequent colors, and zebras none. G "
            "leaves the saddle away, yet F(G(x)) always has the right color. With a little noise "
            "on G(x), F paints a saddle of any color. What follows?"
        ),
        choices=(
            Choice(
                "G(x) tells the color in differences too small to see",
                "Right: F knows nothing but G(x), so at least ln 10 = 2.3 nats about the color are "
                "in it. The cycle loss rewards a G that hides them where D_Y does not look.",
            ),
            Choice(
                "F has learned by heart which horse wears which saddle",
                "Then a little noise would not matter: horse, pose and meadow can still be seen. "
                "And it is right for horses that it was never trained on.",
            ),
            Choice(
                "The cycle loss has failed, as G(x) lost the saddle",
                "By its own measure it is perfect: F(G(x)) equals x. It asks that the color can "
                "be had from G(x), not that anybody can see it there.",
            ),
            Choice(
                "Nothing: noise disturbs every net",
                "It would explain some loss after the noise, but not what came before: the right "
                "color ten times out of ten, from a picture that shows none.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="06-q9",
        section="9 A CycleGAN that was none",
        prompt=(
            "An article has one generator and one critic. Each batch of horses and zebras, mixed, "
            "is both what the generator gets and what the critic is shown as real. The critic's "
            "cross-entropy, one term for real and one for made, soon stays at 1.386. Why?"
        ),
        choices=(
            Choice(
                "The game is won: made zebras cannot be told from real ones",
                "1.386 = 2 ln 2 is the value of a game that is won. But nobody asked for zebras: "
                "whoever copies has won it from the start.",
            ),
            Choice(
                "The generator copies: both terms judge the same picture",
                "Right: for one picture with both targets the loss −ln D − ln(1 − D) is at least "
                "2 ln 2 = 1.386, at D = 1/2. So to copy is best, and a horse stays a horse.",
            ),
            Choice(
                "The critic learns too slowly: a higher rate would bring the loss down",
                "If real and made are the same, no critic does better: one that is surer, with "
                "D = 0.9, has a loss of 2.41.",
            ),
            Choice(
                "Mode collapse: the generator makes one picture only",
                "The critic would soon know that picture, and its loss would fall. Copies are as "
                "varied as what is copied, so there is nothing to know them by.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="06-q10",
        section="11 Pictures of things that never were",
        prompt=(
            "A clinic translates scans of kind X into kind Y without pairs. Of its patients one "
            "in four has a tumor; among the pictures of kind Y that it trained with, three in "
            "four show one. No critic can tell its translations from real ones. In how many of "
            "its healthy patients do they show a tumor, at least?"
        ),
        choices=(
            Choice(
                "In none: the cycle loss keeps what matters",
                "F can bring back a healthy scan from a picture with a tumor, if G hides there "
                "that it was put in. And the GAN loss punishes tumors that are too rare.",
            ),
            Choice(
                "In half of them",
                "Half of all patients get a tumor that they do not have: 3/4 show one, 1/4 have "
                "one. But the healthy are three quarters, so it is more of them.",
            ),
            Choice(
                "In three quarters of them",
                "This is so if G puts tumors in regardless of the patient, and takes real ones "
                "away as well. It asks for the least: 3/4 of all, with the 1/4 who are ill.",
            ),
            Choice(
                "In two thirds of them",
                "Right: three in four must show one, and one in four has one. The other two in "
                "four are healthy, out of three. So such scans are no basis for a diagnosis.",
            ),
        ),
        answer=3,
    ),
)

PREDICTION = Question(
    id="06-predict",
    section="7 Measured against the truth",
    prompt=(
        "After 100 of 600 training steps a classifier takes nearly all translated horses for "
        "zebras. How far are they then from the true zebra of the same scene, as the mean "
        "difference of colors, compared with the horse that nobody touched?"
    ),
    choices=(
        Choice(
            "Less than half as far: nearly all are taken for zebras",
            f"It is {AFTER_100} against {UNTOUCHED}. Stripes suffice for the classifier, wherever "
            "they are: black on white is further off than brown. Sky and grass count as well.",
        ),
        Choice(
            "Three quarters as far: a sixth of the training has done a part of the work",
            f"So it is at the end: {AFTER_600} against {UNTOUCHED}. After 100 steps it is "
            f"{AFTER_100}: wrong stripes are no better than none, and sky and grass have changed.",
        ),
        Choice(
            "About as far: what stripes gain, their wrong places lose",
            f"So it is, nearly, after 300 steps: {AFTER_300} against {UNTOUCHED}. After 100 it is "
            f"{AFTER_100}: about right on the animal, but sky and grass have changed as well.",
        ),
        Choice(
            "Further: the untouched horse is nearer to the true zebra",
            f"Right: {AFTER_100} against {UNTOUCHED}. Its stripes are in wrong places, and sky and "
            f"grass have changed. At the end it is {AFTER_600}, and only the truth shows that.",
        ),
    ),
    answer=3,
)
