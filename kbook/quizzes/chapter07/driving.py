"""Questions on sections 6 to 12 of chapter 7: cures, numbers, maps, sensors and real frames."""

from kbook.quizzes.question import Choice, Question

QUESTIONS = (
    Question(
        id="07-q6",
        section="6 Three cures",
        prompt=(
            "While the expert demonstrates, its hand is shaken: for a second at a time the wheel "
            "is held further left, or further right, than it wants. Which label should a frame get?"
        ),
        choices=(
            Choice(
                "What the expert wanted",
                "Right: the shaking only chooses the states. Beside the line the expert wants to "
                "go back, and this is what the net has to learn from such frames.",
            ),
            Choice(
                "What the wheel really did",
                "The push that took the car to the left still adds to the left when the frame is "
                "taken. So off the line these labels point further off it than the expert would.",
            ),
            Choice(
                "None: frames off the line are to be left out",
                "They are what the shaking was for. Without them the data are those of a calm "
                "demonstration, and the clone is as helpless as before.",
            ),
            Choice(
                "What the wheel did, less its mean over the drive",
                "The pushes go both ways, so their mean is about 0 already. What spoils a label is "
                "the push at its own moment, and that is still in it.",
            ),
        ),
        answer=0,
    ),
    Question(
        id="07-q7",
        section="7 Which number counts",
        prompt=(
            "Suppose that on the expert's held-out roads net A errs ten times less than net B. In "
            "the wind A has to be put back again and again, B never, and so it is for five seeds. "
            "How can that be?"
        ),
        choices=(
            Choice(
                "The error of B must have been computed wrongly",
                "Nothing contradicts anything here. An error ten times as large is still small on "
                "these roads, and says nothing about any other states.",
            ),
            Choice(
                "A needs more of the expert's frames",
                "More of the same states make the error smaller still. Where A gets lost, the "
                "expert never was, so no number of such frames shows how to come back.",
            ),
            Choice(
                "B had the easier gusts",
                "They come from the same hash, and five seeds agree. One drive could be luck, this "
                "is not.",
            ),
            Choice(
                "The errors are of the expert's states, the drives go through the nets' own",
                "Right: B has spent capacity on states that A never saw, errs a little more on the "
                "line, and knows what to do off it. Only driving tells.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="07-q8",
        section="8 What the net looks at",
        prompt=(
            "In a frame 4 % of the picture is paint, and 12 % of the importance falls on it. For a "
            "net with random weights it is 4.4 %. What do these numbers show?"
        ),
        choices=(
            Choice(
                "88 % of what the net looks at is a mistake",
                "The other 96 % of the picture hold edges, asphalt and grass, which tell the "
                "road's place as well. One compares with chance, not with 100 %.",
            ),
            Choice(
                "A pixel of paint matters three times as much as a pixel on average",
                "Right: 12 / 4 = 3, where the random net has 1.1. So it is the training that did "
                "it, and not the picture or the method.",
            ),
            Choice(
                "The net knows what a line is",
                "It shows where the answer is sensitive, not why. A net may well look at the lines "
                "and draw the wrong conclusion from them, as the clone does off the line.",
            ),
            Choice(
                "The net will drive well",
                "Looking at the right place is not steering by the right amount. Clone and cured "
                "net both look at the paint, and one of them leaves the road.",
            ),
        ),
        answer=1,
    ),
    Question(
        id="07-q9",
        section="10 A second sensor",
        prompt=(
            "A net gets the frame and a gyroscope, which tells how fast the car turns right now. "
            "Suppose that on the calm demonstration it errs less than a net with the frame alone, "
            "and in the wind it drives worse. What is the likely reason?"
        ),
        choices=(
            Choice(
                "The gyroscope is noisy, and noise disturbs",
                "It was as noisy in the demonstration, where it helped. Something must be "
                "different between the demonstration and the drive.",
            ),
            Choice(
                "More inputs need more frames: it has overfitted",
                "Then it would err more on held-out roads of the demonstration, not less. Its one "
                "more number per frame fits the calm drive very well.",
            ),
            Choice(
                "A gyroscope cannot feel a gust",
                "A real one would; ours knows only the turn that was decided. But even a perfect "
                "one only tells what the car does, not what it should do next.",
            ),
            Choice(
                "It repeats what it did last, which was nearly right on the calm drive",
                "Right: the turn rate is the last decision, and there the next one differs little. "
                "Off the line the last decision is the thing to correct.",
            ),
        ),
        answer=3,
    ),
    Question(
        id="07-q10",
        section="12 Real frames",
        prompt=(
            "A recording has ten frames in a second. Somebody holds out every frame with the "
            "chance 20 %, independently. For how many of the held-out frames is the frame a tenth "
            "of a second before, or the one after it, in the training data?"
        ),
        choices=(
            Choice(
                "80 %",
                "This is the chance for one of the two neighbors. Either of them is nearly a twin "
                "of the held-out frame, so one suffices.",
            ),
            Choice(
                "96 %",
                "Right: it is missing only if both neighbors are held out, 0.2 · 0.2 = 4 %. So "
                "this test asks for frames that were nearly seen; hold out stretches with a gap.",
            ),
            Choice(
                "64 %",
                "0.8 · 0.8 is the chance that both neighbors are in the training data. One of them "
                "is enough to tell the answer.",
            ),
            Choice(
                "None: a held-out frame is not in the training data",
                "The frame itself is not. But a tenth of a second is a meter at 10 m/s, and the "
                "picture before it has nearly the same pixels and the same label.",
            ),
        ),
        answer=1,
    ),
)
