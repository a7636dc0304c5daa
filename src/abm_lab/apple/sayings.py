"""Log messages of devices on Apple's own way, as public reports quote them (apple/device-logs.md, error-codes.md)."""

from dataclasses import dataclass

from abm_lab.records import Speaker

TESLAD = Speaker("teslad", "com.apple.CloudConfigurationDaemon", "default")
MDMCLIENT = Speaker("mdmclient", "com.apple.ManagedClient", "MDMDaemon")
PROFILED = Speaker("profiled", "com.apple.ManagedConfiguration", "MC")
MOBILEACTIVATIOND = Speaker("mobileactivationd", "com.apple.MobileActivation", "daemon")


@dataclass(frozen=True, slots=True)
class Saying:
    """One message with its level and speaker; `asks` marks a request."""

    text: str
    speaker: Speaker = TESLAD
    level: str = "Error"
    asks: bool = False


def ns_error(domain: str, code: int, text: str, kind: str) -> str:
    """An NSError as its description prints it."""
    return f'Error Domain={domain} Code={code} "{text}" UserInfo={{NSLocalizedDescription={text}, {kind}}}'


def cloud(code: int, text: str) -> Saying:
    """The answer to a request for the profile: an error of the cloud configuration."""
    error = ns_error(
        "MCCloudConfigurationErrorDomain", code, text, "CloudConfigurationErrorType=CloudConfigurationFatalError"
    )
    return Saying(f"Error fetching Device Enrollment configuration: ({code}) {error}")


def error(domain: str, code: int, text: str, speaker: Speaker = PROFILED) -> Saying:
    """A bare NSError of a later step."""
    return Saying(ns_error(domain, code, text, "MCErrorType=MCFatalError"), speaker)


RETRYING = Saying("Retrying the request", level="Default", asks=True)
UCRT = Saying(
    'Error while retrieving client certificates: Error Domain=com.apple.MobileActivation.ErrorDomain Code=-4 "UCRT is '
    'unavailable." UserInfo={NSLocalizedDescription=UCRT is unavailable., NSUnderlyingError=0x7fc3c0418950 {Error '
    'Domain=com.apple.MobileActivation.ErrorDomain Code=-1 "Error occurred during request: Failed to retrieve UCRT."}}'
)
UCRT_DONE = Saying("Successfully performed UCRT OOB.", MOBILEACTIVATIOND, "Default")
TRUST_MAC = Saying(
    "[ERROR] Unable to get activation record: "
    + ns_error(
        "MCCloudConfigurationErrorDomain",
        34011,
        "The Device Enrollment server trust could not be verified. Please contact your system administrator.",
        "MCErrorType=MCFatalError",
    ),
    MDMCLIENT,
)
FORBIDDEN = Saying("403 from the MDM server: com.apple.unrecognized.device", MDMCLIENT)
FAILED = cloud(34000, "The device failed to request configuration from the cloud.")
INVALID = cloud(34003, "The cloud configuration for this device is invalid.")
DOWN = cloud(34004, "The cloud configuration server is unavailable or busy.")
BUSY = cloud(34005, "The cloud configuration server is busy. Please try again later.")
UNAVAILABLE = cloud(34006, "The cloud configuration server is unavailable.")
UNVERIFIED = cloud(34008, "The cloud configuration server could not be verified.")
NOT_IN_PROGRAM = cloud(33005, "This device is not enrolled in the Device Enrollment Program.")
NONCE = cloud(33014, "Nonce expired.")
INACTIVE = cloud(33017, "Device Enrollment Program configuration is not active.")
IDENTITY = cloud(33023, "The cloud configuration service could not verify the identity of this device.")
NOT_FOUND = cloud(33024, "Device Enrollment Program configuration can not be found.")
UNKNOWN_DEVICE = cloud(33025, "Device can not be found.")
NOT_ACTIVATED = error(
    "MCCloudConfigErrorDomain", 33003, "Cannot store cloud configuration because this device is not activated."
)


def asking(answer: Saying, *seconds: float) -> tuple[tuple[float, Saying], ...]:
    """Requests at these seconds, each answered within the second."""
    return tuple(pair for second in seconds for pair in ((second, RETRYING), (second + 0.6, answer)))


def silent(*seconds: float) -> tuple[tuple[float, Saying], ...]:
    """Requests at these seconds without an answer."""
    return tuple((second, RETRYING) for second in seconds)
