"""Lines of a tiny recording of Udacity's driving simulator, for the tests of its loader."""

TIMES = [  # across a new year
    *("2016_12_31_23_59_58_900", "2016_12_31_23_59_59_005"),
    *("2016_12_31_23_59_59_999", "2017_01_01_00_00_01_250"),
]
STEERING = ["0", "-0.05", "1", "3.1E-02"]
CAMERAS = ("center", "left", "right")
INSTEAD = (
    "The rendered roads (kbook.data.road) need no recording: the quick profile drives on them."
)
HEADER = "center,left,right,steering,throttle,brake,speed"


def name(camera: str, time: str) -> str:
    return f"{camera}_{time}.jpg"


def line(row: int, place: str = "IMG/", comma: str = ",") -> str:
    pictures = [place + name(camera, TIMES[row]) for camera in CAMERAS]
    return comma.join([*pictures, STEERING[row], "0.9", "0", "30.19"])


LINES = [line(row) for row in range(len(TIMES))]
