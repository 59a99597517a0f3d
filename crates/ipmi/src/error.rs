//! Why a command for a BMC failed.

use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;

/// A failure of one command. What `ipmitool` said is without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IpmiError {
    /// The program is not there or cannot be started.
    #[error("the program '{program}' cannot be run: {reason}")]
    Program {
        /// As it is configured.
        program: String,
        /// What the operating system said.
        reason: String,
    },
    /// `ipmitool` was killed at its deadline; whether the command was carried out is not known.
    #[error("ipmitool did not end within {secs} s")]
    Deadline {
        /// The deadline.
        secs: u64,
    },
    /// No session could be made.
    #[error("no IPMI session could be made with the BMC")]
    NoSession {
        /// What `ipmitool` said.
        said: String,
    },
    /// The BMC fell silent over the command; whether it was carried out is not known.
    #[error("the BMC did not answer the command '{command}'")]
    Silent {
        /// The command.
        command: String,
        /// What `ipmitool` said.
        said: String,
    },
    /// The BMC does not accept the credentials.
    #[error("the BMC does not accept the credentials, the privilege level or the cipher suite")]
    Unauthorized {
        /// What `ipmitool` said.
        said: String,
    },
    /// The BMC answered that it has no time.
    #[error("the BMC is too busy for the command")]
    Busy {
        /// What `ipmitool` said.
        said: String,
    },
    /// The BMC refused the command.
    #[error("the BMC refused the command '{command}'")]
    Refused {
        /// The command.
        command: String,
        /// What `ipmitool` said.
        said: String,
    },
    /// The answer makes no sense.
    #[error("the BMC's answer to '{command}' makes no sense")]
    Nonsense {
        /// The command.
        command: String,
        /// What `ipmitool` said.
        said: String,
    },
}

/// What the words of `ipmitool` mean.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    Busy,
    Unauthorized,
    NoSession,
    Silent,
    Refused,
}

/// What in the words of `ipmitool` tells which failure; lower case, the first row that fits counts.
///
/// Source: the messages of ipmitool 1.8.19; `contract: hardware-interfaces` section 6 for those that pass.
const SIGNS: [(&str, Meaning); 19] = [
    ("insufficient resources for session", Meaning::Busy),
    ("node busy", Meaning::Busy),
    ("out of space", Meaning::Busy),
    ("bmc initialization in progress", Meaning::Busy),
    ("unauthorized name", Meaning::Unauthorized),
    ("hmac is invalid", Meaning::Unauthorized),
    ("privilege level", Meaning::Unauthorized),
    ("no matching cipher suite", Meaning::Unauthorized),
    ("invalid role", Meaning::Unauthorized),
    ("algorithm", Meaning::Unauthorized),
    ("address lookup", Meaning::NoSession),
    ("unable to establish", Meaning::NoSession),
    ("could not open socket", Meaning::NoSession),
    ("timeout", Meaning::Silent),
    ("no response", Meaning::Silent),
    // A refused raw command names its completion code; one that got no answer does not.
    ("rsp=", Meaning::Refused),
    ("unable to send raw command", Meaning::Silent),
    ("unable to set chassis power control", Meaning::Silent),
    ("unable to get chassis power status", Meaning::Silent),
];

impl IpmiError {
    /// What `ipmitool` meant by `said` when it failed.
    pub fn of_output(command: &str, said: String) -> Self {
        let lower = said.to_lowercase();
        let meaning = SIGNS.iter().find(|(sign, _)| lower.contains(sign)).map(|row| row.1);
        match meaning.unwrap_or(Meaning::Refused) {
            Meaning::Busy => Self::Busy { said },
            Meaning::Unauthorized => Self::Unauthorized { said },
            Meaning::NoSession => Self::NoSession { said },
            Meaning::Silent => Self::Silent { command: command.to_owned(), said },
            Meaning::Refused => Self::Refused { command: command.to_owned(), said },
        }
    }

    /// The label for metrics and the failure's stable code.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Program { .. } => code::IPMITOOL_MISSING,
            Self::Deadline { .. } => code::IPMI_TIMEOUT,
            Self::NoSession { .. } => code::IPMI_NO_SESSION,
            Self::Silent { .. } => code::IPMI_SILENT,
            Self::Unauthorized { .. } => code::IPMI_UNAUTHORIZED,
            Self::Busy { .. } => code::IPMI_BUSY,
            Self::Refused { .. } => code::IPMI_REFUSED,
            Self::Nonsense { .. } => code::IPMI_NONSENSE,
        }
    }

    /// Whether the same command may well succeed a little later.
    pub const fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Deadline { .. } | Self::NoSession { .. } | Self::Silent { .. } | Self::Busy { .. }
        )
    }

    /// Whether the BMC may have carried the command out all the same.
    pub const fn may_have_acted(&self) -> bool {
        matches!(self, Self::Deadline { .. } | Self::Silent { .. })
    }

    const fn said(&self) -> Option<&String> {
        match self {
            Self::NoSession { said }
            | Self::Silent { said, .. }
            | Self::Unauthorized { said }
            | Self::Busy { said }
            | Self::Refused { said, .. }
            | Self::Nonsense { said, .. } => Some(said),
            Self::Program { .. } | Self::Deadline { .. } => None,
        }
    }

    const fn advice(&self) -> &'static str {
        match self {
            Self::Program { .. } => {
                "install ipmitool on the conductors, or correct the key 'ipmi.program' of their configuration"
            }
            Self::Deadline { .. } | Self::Silent { .. } => {
                "look whether the BMC is overloaded; resetting the BMC often helps"
            }
            Self::NoSession { .. } => {
                "check ipmi_address and ipmi_port, that the conductor reaches the BMC over UDP, and, because many BMCs only \
                 fall silent, ipmi_username, ipmi_password, ipmi_priv_level and ipmi_cipher_suite"
            }
            Self::Unauthorized { .. } => {
                "check ipmi_username, ipmi_password, ipmi_priv_level and ipmi_cipher_suite of the node's driver_info, and that \
                 the BMC lets this user in over LAN"
            }
            Self::Busy { .. } => {
                "try again later; if it stays, other tools may use up the sessions of the BMC"
            }
            Self::Refused { .. } => "look into the BMC's log; a firmware update of the BMC may be needed",
            Self::Nonsense { .. } => {
                "run the command by hand to see what the BMC says; resetting the BMC often helps"
            }
        }
    }
}

impl From<IpmiError> for HardwareError {
    fn from(error: IpmiError) -> Self {
        let kind = match &error {
            IpmiError::Program { .. } => HardwareErrorKind::Unsupported,
            IpmiError::Deadline { .. } | IpmiError::Silent { .. } => HardwareErrorKind::Timeout,
            IpmiError::NoSession { .. } => HardwareErrorKind::Unreachable,
            IpmiError::Unauthorized { .. } => HardwareErrorKind::Unauthorized,
            IpmiError::Busy { .. } | IpmiError::Refused { .. } => HardwareErrorKind::Refused,
            IpmiError::Nonsense { .. } => HardwareErrorKind::Nonsense,
        };
        let failure = Self::new(kind, error.kind(), error.to_string(), error.advice());
        match error.said() {
            Some(said) => failure.said(said.as_str()),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::IpmiError;

    #[test]
    fn the_words_of_ipmitool_are_understood() {
        for (said, code) in [
            ("Unable to establish IPMI v2 / RMCP+ session", "ipmi-no-session"),
            ("Address lookup for x failed\nCould not open socket!", "ipmi-no-session"),
            (
                "Error in open session response message : invalid confidentiality algorithm\n\nError: Unable to establish \
                 IPMI v2 / RMCP+ session",
                "ipmi-unauthorized",
            ),
            ("RAKP 2 message indicates an error : unauthorized name", "ipmi-unauthorized"),
            ("Set Session Privilege Level to ADMINISTRATOR failed", "ipmi-unauthorized"),
            ("Error in open session response message : insufficient resources for session", "ipmi-busy"),
            ("Set Chassis Power Control to Up/On failed: Node busy", "ipmi-busy"),
            ("Unable to set Chassis Power Control to Up/On", "ipmi-silent"),
            ("Unable to send RAW command (channel=0x0 netfn=0x0 lun=0x0 cmd=0x8)", "ipmi-silent"),
            (
                "Unable to send RAW command (channel=0x0 netfn=0x0 lun=0x0 cmd=0x8 rsp=0xcc): Invalid data field in request",
                "ipmi-refused",
            ),
            ("Set Chassis Power Control to Up/On failed: Invalid data field in request", "ipmi-refused"),
        ] {
            assert_eq!(IpmiError::of_output("power on", said.to_owned()).kind(), code, "{said}");
        }
    }
}
