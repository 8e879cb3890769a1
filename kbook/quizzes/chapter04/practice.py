"""Questions on sections 6 to 10 of chapter 4: folders, their faults, judging, looking inside."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="04-q6",
        section="6 From folders to batches",
        prompt=(
            "Your training pictures have mean 0.31 and standard deviation 0.28. You normalized "
            "them with these numbers and trained a net. The test pictures are darker, with mean "
            "0.20. Which mean do you subtract from them?"
        ),
        choices=(
            Choice(
                "0.20, so that their mean becomes 0 too",
                "Then the same picture would look different to the net in other company, and that "
                "the test set is darker would be hidden. The net knows one scale only: the one it "
                "was trained on.",
            ),
            Choice(
                "0.31, though their mean then is not 0",
                "Right: the mean and deviation belong to the net, like its weights. That the test "
                "pictures now have mean (0.20 − 0.31) / 0.28 = −0.39 is true, and worth knowing.",
            ),
            Choice(
                "The mean of training and test pictures together",
                "The net was trained with 0.31, so any other number moves all its inputs. Had you "
                "trained with this mean, the test pictures would have had a say in it: a leak.",
            ),
            Choice(
                "The mean of each picture, so that none depends on others",
                "Sound, if the training had done so too. It did not: the net learned with a mean "
                "that is the same for all, so for it a dark picture is dark.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="04-q7",
        section="7 What can be wrong with a folder",
        prompt=(
            "The folders `bird`, `cat` and `truck` of your training pictures have got company: a "
            "folder `test`, with test pictures in three such folders of its own. `ImageFolder` "
            "reads all this without a word. Which labels does it give?"
        ),
        choices=(
            Choice(
                "3 to trucks, 2 to each test picture",
                "Right: it sorts the names (bird, cat, test, truck) and numbers them. The net "
                "learns the test pictures, as a class of their own, and calls a truck 3, which is "
                "2 in any other folder.",
            ),
            Choice(
                "2 to trucks, 3 to each test picture",
                "This would append what came last. The names are sorted, and test comes before "
                "truck.",
            ),
            Choice(
                "0, 1 and 2, to test pictures by their own folders",
                "Only the folders at the top are classes. Whatever lies below `test`, at any "
                "depth, is of class test, so a bird in it is no bird.",
            ),
            Choice(
                "0, 1 and 2, and none to test pictures, which lie too deep",
                "It searches a class folder at any depth, so it does find them. Each gets the "
                "label of its folder at the top, `test`.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="04-q8",
        section="9 Is it good?",
        prompt=(
            "A net reads 4,900 of 5,000 test pictures right. The 95 % interval for its accuracy "
            "goes from 97.6 to 98.4 %. Another net reads 49 of 50 right, 98 % too. What is the "
            "interval for this one?"
        ),
        choices=(
            Choice(
                "97.6 to 98.4 %",
                "This would be so if only the share counted. But of 50 pictures each is worth 2 "
                "points, so one lucky guess more or less moves the result by that much.",
            ),
            Choice(
                "94.1 to 100 %",
                "This is 98 ± 3.9, from p ± 1.96 √(p(1 − p)/n), cut off at 100. So close to 100 % "
                "that formula is too sure: for 50 of 50 it would say ± 0.",
            ),
            Choice(
                "58 to 100 %",
                "This is 100 times as wide, for a hundredth of the pictures. But the width goes "
                "roughly with 1/√n, so it grows about tenfold.",
            ),
            Choice(
                "89.5 to 99.6 %",
                "Right: this is Wilson's interval. It is about 13 times as wide as that of 5,000 "
                "pictures, and reaches farther down than up, as nothing is above 100 %.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="04-q9",
        section="9 Is it good?",
        prompt=(
            "Of 1,000 test scans 20 show a tumor. A net calls all of them healthy: accuracy 98 %, "
            "recall of tumors 0. The area under the ROC curve of its tumor scores is 0.95. What "
            "do you conclude?"
        ),
        choices=(
            Choice(
                "One of the numbers is wrong: with recall 0, the area cannot exceed 0.5",
                "Recall 0 belongs to one threshold, which no score reaches. The area uses no "
                "threshold, only the order of the scores, and this order can be good.",
            ),
            Choice(
                "The net is good: two independent measures, 98 % and 0.95, agree on it",
                "98 % is no merit: calling all scans healthy is right for 980 of 1,000, without "
                "a look. It says nothing about the tumors.",
            ),
            Choice(
                "It ranks tumors well, but its threshold is too high to find any",
                "Right: in 95 % of all pairs of a tumor and a healthy scan the tumor scores "
                "higher. A lower threshold finds tumors, at the price of some false alarms.",
            ),
            Choice(
                "It would find 95 % of the tumors if its threshold were lowered",
                "A threshold that is low enough finds all of them, in any net. The area is the "
                "share of pairs in the right order, not a recall.",
            ),
        ),
        answer=2,
    ),
    Question(
        id="04-q10",
        section="10 Look inside",
        prompt=(
            "A max pool over pairs, with stride 2, turns the row 0 0 3 5 0 0 0 0 into 0 5 0 0. The "
            "row moves by one pixel to the right. What does the pool make of it?"
        ),
        choices=(
            Choice(
                "0 3 5 0",
                "Right: the pairs are now 0 0, 0 3, 5 0 and 0 0. This is no shift of the old "
                "result; only shifts by whole strides pass, as two pixels would give 0 0 5 0.",
            ),
            Choice(
                "0 5 0 0",
                "A max pool ignores a shift only while the largest value stays in its pair. Here "
                "the 5 crosses into the next pair and leaves the 3 behind.",
            ),
            Choice(
                "0 0 5 0",
                "This is the old result, moved by one place, which is two pixels. A shift by one "
                "pixel pairs the numbers anew: the 3 now stands without the 5.",
            ),
            Choice(
                "0 2.5 2.5 0",
                "This spreads the 5 over two places, for a shift by half a stride. But a max pool "
                "takes no means: each value that comes out has gone in.",
            ),
        ),
        answer=0,
    ),
)

PREDICTION = Question(
    id="04-predict",
    section="10 Look inside",
    prompt=(
        "A net has learned from digits in the middle of their pictures, and reads 99 % of the "
        "test digits right. It has one 2×2 max pool with stride 2, and a global max pool at its "
        "end. Now move the test digits to the right, first by one pixel, then by two. How many "
        "are read right?"
    ),
    choices=(
        Choice(
            "About 99 % both times",
            "The global pool forgets places, so maps that move do no harm. But a shift by half a "
            "stride does not move the maps behind the first pool, it makes other maps.",
        ),
        Choice(
            "A few percent fewer at one pixel, fewer still at two",
            "The farther, the worse: so it is without shared weights. Here two pixels are one "
            "whole stride, so the maps of the net only move, and the global pool forgets it.",
        ),
        Choice(
            "A few percent fewer at one pixel, about 99 % at two",
            "Right: two pixels are one whole stride, so all maps just move, but for the border, "
            "and the global pool forgets it. At one pixel the first pool pairs the pixels anew.",
        ),
        Choice(
            "Fewer than half both times, as it never saw such digits",
            "A dense net has to see each place in training. Shared windows find their patterns "
            "anywhere; only what the pool makes of half a stride is new, and not very different.",
        ),
    ),
    answer=2,
)
