"""Apple's own errors: every documented code and what it means, the forms that real logs print, and real lines."""

from collections.abc import Iterable

CLOUD, CONFIG, UCRT = (
    "MCCloudConfigurationErrorDomain",
    "MCCloudConfigErrorDomain",
    "com.apple.MobileActivation.ErrorDomain",
)
MDM, PROFILE, PAYLOAD, INSTALL = (
    "MCMDMErrorDomain",
    "MCProfileErrorDomain",
    "MCPayloadErrorDomain",
    "MCInstallationErrorDomain",
)
HTTP, DMC_HTTP, SCEP = "MCHTTPTransactionErrorDomain", "DMCHTTPTransactionErrorDomain", "MCSCEPErrorDomain"

# (domain, codes, kind of fact, layer, cause): the layers and causes of SPEC section 2; a code not named there has none.
CATALOGUE: list[tuple[str, Iterable[int], str, str, str]] = [
    (CLOUD, [34000], "fetch_error", "L0", "network_blocked"),
    (CLOUD, [34003, 33017, 33024], "fetch_error", "L0", "no_profile"),
    (CLOUD, [34004, 34005, 34006], "fetch_error", "L0", "apple_unavailable"),
    (CLOUD, [34008, 34011], "fetch_error", "L1", ""),
    (CLOUD, [33005, 33025], "fetch_error", "L0", "not_assigned"),
    (CLOUD, [33014], "fetch_error", "L3", ""),
    (CLOUD, [33023], "fetch_error", "L6", ""),
    (CLOUD, [33002, 33016, 33018, 34001, 34007], "fetch_error", "", ""),
    (CONFIG, [33003], "error", "L0", "not_activated"),
    (CONFIG, [33001, 33002], "fetch_error", "", ""),
    (CONFIG, [33004, 33015], "error", "", ""),
    (CONFIG, [33000], "mdm_error", "", ""),
    (DMC_HTTP, [23003, 23006], "mdm_error", "", ""),
    (UCRT, [-4], "certificate_error", "L6", ""),
    (UCRT, [-1], "certificate_error", "", ""),
    (PROFILE, range(1000, 1011), "mdm_error", "L0", "profile_rejected"),
    (PAYLOAD, range(2000, 2006), "mdm_error", "L0", "profile_rejected"),
    (INSTALL, [*range(4000, 4017), *range(4020, 4028), 4030, 4031], "mdm_error", "L0", "profile_rejected"),
    (MDM, [12007, 12020], "mdm_error", "L0", "mdm_refused"),
    (MDM, [12002], "mdm_error", "L0", "mdm_unreachable"),
    (MDM, [12004, 12015, 12022], "mdm_error", "L0", "push_unavailable"),
    (MDM, [12006], "mdm_error", "L1", ""),
    (MDM, [12000, 12001, 12003, 12005, *range(12008, 12013), 12016, 12021, 12030, 12034, 12079, 12080, 12081],
     "mdm_error", "", ""),
    ("MCTunnelErrorDomain", [14002], "error", "", ""),
    (SCEP, range(22000, 22014), "mdm_error", "L0", "identity_certificate"),
    (HTTP, [23000, 23001], "mdm_error", "L0", "mdm_unreachable"),
    (HTTP, [23002], "mdm_error", "L1", ""),
    (DMC_HTTP, [23000, 23001], "mdm_error", "L0", "mdm_unreachable"),
    (DMC_HTTP, [23002], "mdm_error", "L1", ""),
    ("MCOTAProfilesErrorDomain", range(24000, 24004), "mdm_error", "", ""),
    ("MCChaperoneErrorDomain", [29000, 29003], "error", "", ""),
    # Codes that nobody documents, and a domain that shares its numbers with MCCloudConfigurationErrorDomain.
    ("MCSSOErrorDomain", range(34000, 34005), "error", "", ""),
    ("MCPasscodeErrorDomain", [5001], "error", "", ""),
    ("DMCEnrollmentErrorDomain", [1], "error", "", ""),
    (MDM, [12013, 12040], "error", "", ""),
    (INSTALL, [34006, 12007], "error", "", ""),
    (CONFIG, [34006, 33023], "error", "", ""),
]  # fmt: skip
CODES = [
    (domain, code, kind, layer, cause) for domain, codes, kind, layer, cause in CATALOGUE for code in codes
]  # fmt: skip
FORMS = {
    "NSError": 'Error Domain={domain} Code={code} "Text, as \\"Apple\\" has it." UserInfo={{NSLocalizedDescription=x}}',
    "behind words": 'Error fetching Device Enrollment configuration: ({code}) Error Domain={domain} Code={code} "Text"',
    "bare": "Error Domain={domain} Code={code}",
    "underlying": 'Error Domain=NSCocoaErrorDomain Code=1 "x" UserInfo={{NSUnderlyingError=0x7f {{Error Domain={domain}'
    ' Code={code} "(null)"}}}}',
    "in a dictionary": 'NSUnderlyingError = "Error Domain={domain} Code={code} \\"Text\\" UserInfo={{}}";',
    "of macOS": "[ERROR] [MDM_SCEP_Enroll] Calling it --> <{domain}:{code}>",
    "of Setup": "Could not retrieve cloud configuration: <Error domain: {domain}, code {code}>",
    "in lines": "MC: Failed. Error: NSError:\n    Desc   : A\n    Domain : {domain}\n    Code   : {code}\n    Type : x",
    "localized": "The operation couldn’t be completed. ({domain} error {code}.)",
    "named": "{domain} code {code}",
}  # fmt: skip
NEAR_MISSES = [
    "see Code={code}", "code {code}", "{domain}", "{domain} was seen once; Code={code}", "{domain}: no code {code}",
    "Error Domain=X{domain} Code={code}", "Error Domain={domain}X Code={code}", "Error Domain=my.{domain} Code={code}",
    "Error Domain={domain} Code=x{code}", "({code})", "{domain} ({code} times)", "NSURLErrorDomain Code={code}",
]  # fmt: skip

# Real lines, as public sources print them: (process, message, what they say).
REAL: list[tuple[str, str, set[tuple[str, str, str]]]] = [
    ("teslad", "Retrying the request", {("fetch_requested", "", "")}),
    ("teslad", "Only retrieving cloud configuration", {("fetch_requested", "", "")}),
    ("cloudconfigurationd", "POST https://iprofiles.apple.com/macProfile", {("fetch_requested", "", "")}),
    ("teslad", "Error response for request: DEVICE_NOT_FOUND", {("fetch_error", "", "")}),
    ("teslad",
     ('Error while retrieving client certificates: Error Domain=com.apple.MobileActivation.ErrorDomain Code=-4 "UCRT '
      'is unavailable." UserInfo={NSLocalizedDescription=UCRT is unavailable., NSUnderlyingError=0x7fc3c0418950 {'
      'Error Domain=com.apple.MobileActivation.ErrorDomain Code=-1 "Error occurred during request: Failed.'),
     {("certificate_error", "L6", "")}),
    ("mdmclient",
     ('[ERROR] Unable to get activation record: Error Domain=MCCloudConfigurationErrorDomain Code=34011 "The Device '
      'Enrollment server trust could not be verified. Please contact your system administrator." UserInfo={MCErrorType='
      'MCFatalError}'), {("fetch_error", "L1", "")}),
    ("Setup",
     ('Error Domain=MCCloudConfigErrorDomain Code=33001 "Could not retrieve cloud configuration" UserInfo={'
      'NSUnderlyingError=0x1 {Error Domain=MCCloudConfigurationErrorDomain Code=34004 "The cloud configuration server '
      'is unavailable or busy." UserInfo={CloudConfigurationErrorType=CloudConfigurationFatalError}}}'),
     {("fetch_error", "", ""), ("fetch_error", "L0", "apple_unavailable")}),
    ("mdmclient", "403 from the MDM server: com.apple.unrecognized.device", {("mdm_error", "L0", "mdm_refused")}),
    ("mdmclient", "Enrolment: 403 from the MDM server: com.apple.softwareupdate.required",
     {("mdm_error", "L0", "mdm_refused")}),
    ("mdmclient", "500 from the MDM server", {("mdm_error", "", "")}),
    ("profiles", "Device Enrollment configuration:\n(null)", {("profiles_null", "L0", "no_profile")}),
    ("profiles", "Error fetching Device Enrollment configuration: (34000) Client is not DEP enabled.",
     {("not_dep_enabled", "L0", "not_assigned")}),
    ("profiles", "Error fetching Device Enrollment configuration - Request too soon.  Try again later.",
     {("request_too_soon", "L0", "throttled")}),
    ("dasd", "scoring 0:com.apple.mobileactivationd.UCRT.OOB: FinalDecision: Absolutely Must Not Proceed", set()),
    ("mobileactivationd", "Successfully performed UCRT OOB.", set()),
    ("mdmclient", "Processing server request: InstallApplication  for: <Device>", {("mdm_command", "", "")}),
    ("mdmclient",
     ("[*] [0:MDMDaemon:<0x4d0d>] Processing server request: DeclarativeManagement for: <Device> (3fb48527-9aaa-492d-"
      "94fc-efd999d812a3) PowerNap: no"), {("mdm_command", "", "")}),
    ("mdmclient", "Scheduled InstallApplication from: https://cdn.example.com/assets/1.plist", set()),
    ("storedownloadd", "Processing server request: InstallApplication  for: <Device>", set()),
    ("mdmclient",
     "[0:MDMDaemon:CPU0:<0x1c2f>] >>>>> Sending HTTP request (PUT) [Acknowledged(SecurityInfo):700] >>>>>",
     {("mdm_command", "", "")}),
    ("mdmclient", "<<<<< Received HTTP response (200) [NotNow(InstallProfile):701] <<<<<", {("mdm_command", "", "")}),
    ("mdmclient", "<<<<< Received HTTP response (200) [MDM_TokenUpdate] <<<<<", {("mdm_command", "", "")}),
    ("mdmclient", "<<<<< Received HTTP response (200) [MDM_Authenticate] <<<<<", set()),
    ("mdmclient", "<<<<< Received HTTP response (401) [MDM_Authenticate] <<<<<", {("mdm_error", "", "")}),
    ("mdmclient", "<<<<< Received HTTP response (403) [MDM_TokenUpdate] <<<<<", {("mdm_error", "L0", "mdm_refused")}),
    ("mdmclient", '[ERROR] [0:MDMDaemon] Error Domain=MDMResponseStatus Code=401 "(null)"', {("mdm_error", "", "")}),
    ("mdmclient", ">>>>> Sending HTTP request (PUT) [Idle] >>>>>", set()),
    ("nsurlsessiond", "<<<<< Received HTTP response (403) [MDM_TokenUpdate] <<<<<", set()),
    ("nsurlsessiond", 'Error Domain=MDMResponseStatus Code=403 "(null)"', set()),
    ("mdmd", "Attempting to perform Supervised request: ScheduleOSUpdate", {("mdm_command", "", "")}),
    ("mdmd", "Handling request type: ScheduleOSUpdate", {("mdm_command", "", "")}),
    ("mdmd", "Polling MDM server https://mdm.example.com/mdm for next command.", set()),
    ("mdmd", "Transaction completed. Status: 200, ResponseUUID: (Idle)", set()),
    ("profiled", "Handling request type: ScheduleOSUpdate", set()),
    ("mdmclient", "Retrying the request", set()),
    ("mDNSResponder", "iprofiles.apple.com. A", set()),
]  # fmt: skip
