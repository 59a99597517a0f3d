//! Boot settings of a system, and what they make it boot.

use serde::Serialize;

/// What is executing on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Running {
    /// Nothing: no power, or the firmware found nothing to boot.
    Nothing,
    /// The firmware's self test.
    Firmware,
    /// The ramdisk with the agent.
    Ramdisk,
    /// An installer of operating systems.
    Installer,
    /// An operating system from the disk.
    Instance,
    /// A system from virtual media or HTTP without an agent: none was in it, or it left.
    LiveImage,
}

/// Whether the boot override applies, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BootEnabled {
    Disabled,
    Once,
    Continuous,
}

/// What the boot override asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BootTarget {
    None,
    Pxe,
    Hdd,
    Cd,
    Usb,
    BiosSetup,
    UefiHttp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BootMode {
    Uefi,
    Legacy,
}

/// The `Boot` property of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BootOverride {
    pub enabled: BootEnabled,
    pub target: BootTarget,
    pub mode: BootMode,
    pub http_boot_uri: Option<String>,
}

/// Where a server boots from, decided when its power comes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BootSource {
    /// An ISO behind a URL, in the virtual CD.
    Iso {
        url: String,
        username: Option<String>,
        password: Option<String>,
    },
    /// A program or an image that firmware fetches by HTTP.
    Url {
        url: String,
    },
    /// What the network offers; by HTTP boot or by PXE.
    Network {
        http: bool,
    },
    Disk,
    /// Nothing bootable, and why.
    Nothing {
        why: &'static str,
    },
}

/// How far a boot got (DSP0268, ComputerSystem, BootProgressTypes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BootProgress {
    None,
    FirmwareStarted,
    FirmwareComplete,
    SetupEntered,
    OsBootStarted,
    OsRunning,
}

macro_rules! wire_names {
    ($type:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            #[allow(dead_code, reason = "not every enumeration is both read and offered")]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

wire_names!(BootEnabled { Disabled = "Disabled", Once = "Once", Continuous = "Continuous" });
wire_names!(BootMode { Uefi = "UEFI", Legacy = "Legacy" });
wire_names!(BootTarget {
    None = "None",
    Pxe = "Pxe",
    Hdd = "Hdd",
    Cd = "Cd",
    Usb = "Usb",
    BiosSetup = "BiosSetup",
    UefiHttp = "UefiHttp",
});
wire_names!(BootProgress {
    None = "None",
    FirmwareStarted = "PrimaryProcessorInitializationStarted",
    FirmwareComplete = "SystemHardwareInitializationComplete",
    SetupEntered = "SetupEntered",
    OsBootStarted = "OSBootStarted",
    OsRunning = "OSRunning",
});

impl Default for BootOverride {
    fn default() -> Self {
        Self {
            enabled: BootEnabled::Disabled,
            target: BootTarget::None,
            mode: BootMode::Uefi,
            http_boot_uri: None,
        }
    }
}

impl BootOverride {
    /// The target of this boot; a one-time override is used up by asking.
    pub(crate) fn consume(&mut self) -> BootTarget {
        match self.enabled {
            BootEnabled::Disabled => BootTarget::None,
            BootEnabled::Continuous => self.target,
            BootEnabled::Once => {
                self.enabled = BootEnabled::Disabled;
                std::mem::replace(&mut self.target, BootTarget::None)
            }
        }
    }
}

impl BootSource {
    /// A word for logs, without the URL and its secrets.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Iso { .. } => "iso",
            Self::Url { .. } => "url",
            Self::Network { .. } => "network",
            Self::Disk => "disk",
            Self::Nothing { .. } => "nothing",
        }
    }
}
