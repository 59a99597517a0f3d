//! One server's memory and its power state machine.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::boot::{BootOverride, BootProgress, BootSource, BootTarget, Running};
use super::power::{Effect, PowerState, ResetRefused, ResetType};
use super::{Counters, Firmware, Media, SLOTS, Volumes};
use crate::model::HardwareModel;

/// Everything that can change about a server.
#[derive(Debug)]
pub(crate) struct ServerState {
    pub power: PowerState,
    /// Counts power transitions: a delayed change applies only while its number is still the newest.
    generation: u64,
    on_after_off: bool,
    pub boot: BootOverride,
    pub media: [Option<Media>; SLOTS.len()],
    pub bios: BTreeMap<String, Value>,
    /// Firmware settings that the next boot takes over.
    pub bios_pending: BTreeMap<String, Value>,
    pub bios_reset_pending: bool,
    pub secure_boot: bool,
    pub secure_boot_current: bool,
    /// Whether the firmware holds the keys that secure boot checks with.
    pub secure_boot_keys: bool,
    /// The time that the BMC was last set to; it stands still.
    pub bmc_clock: Option<String>,
    pub asset_tag: String,
    pub indicator_led: String,
    pub running: Running,
    pub boot_progress: BootProgress,
    pub boot_progress_at: String,
    pub last_reset_at: Option<String>,
    /// Why the last boot led nowhere.
    pub boot_failure: Option<String>,
    pub disk: Option<DiskImage>,
    /// What the user of the rescue system logs in with, as a hash.
    pub rescue_password_hash: Option<String>,
    pub volumes: Volumes,
    pub firmware: Firmware,
    pub counters: Counters,
}

/// What was last written to the root disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiskImage {
    /// The id the image was announced with.
    pub image_id: String,
    /// Where it was downloaded from.
    pub url: String,
    /// How many bytes were written.
    pub size_bytes: u64,
    /// The checksum that was verified, in hexadecimal.
    pub checksum: String,
    /// The device written to.
    pub device: String,
    /// Length in bytes of the decoded configdrive, if one was written.
    pub configdrive_bytes: Option<u64>,
    /// Whether a boot loader was installed after the image.
    pub bootloader_installed: bool,
}

/// What a reset sets in motion.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// No new transition.
    Nothing,
    /// Whatever runs on the server stops now; after a delay, `advance` with this number.
    Transition { generation: u64 },
}

/// What follows when one leg of a power transition is over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A newer transition took over.
    Stale,
    /// The server is off.
    Off,
    /// Another leg: wait again, then `advance` again.
    Wait,
    /// The power is on and the firmware starts.
    Boot,
}

impl ServerState {
    pub(crate) fn new(model: &HardwareModel, at: &str) -> Self {
        Self {
            power: PowerState::Off,
            generation: 0,
            on_after_off: false,
            boot: BootOverride::default(),
            media: std::array::from_fn(|_| None),
            bios: default_bios(model),
            bios_pending: BTreeMap::new(),
            bios_reset_pending: false,
            secure_boot: false,
            secure_boot_current: false,
            secure_boot_keys: true,
            bmc_clock: None,
            asset_tag: String::new(),
            indicator_led: "Off".to_owned(),
            running: Running::Nothing,
            boot_progress: BootProgress::None,
            boot_progress_at: at.to_owned(),
            last_reset_at: None,
            boot_failure: None,
            disk: None,
            rescue_password_hash: None,
            volumes: Volumes::default(),
            firmware: Firmware::new(model),
            counters: Counters::default(),
        }
    }

    /// Begins what a reset asks for.
    pub(crate) fn reset(&mut self, kind: ResetType, at: &str) -> Result<Begin, ResetRefused> {
        let effect = kind.effect(self.power);
        let begin = match effect {
            Effect::Refuse => return Err(ResetRefused { power: self.power }),
            Effect::Nothing => Begin::Nothing,
            Effect::TurnOnAfterOff | Effect::StayOff => {
                self.on_after_off = effect == Effect::TurnOnAfterOff;
                Begin::Nothing
            }
            Effect::TurnOn | Effect::Restart => self.begin(PowerState::PoweringOn, false, at),
            Effect::TurnOff => self.begin(PowerState::PoweringOff, false, at),
            Effect::Cycle => self.begin(PowerState::PoweringOff, true, at),
        };
        if begin != Begin::Nothing {
            self.last_reset_at = Some(at.to_owned());
        }
        Ok(begin)
    }

    fn begin(&mut self, power: PowerState, on_after_off: bool, at: &str) -> Begin {
        self.power = power;
        self.on_after_off = on_after_off;
        self.generation += 1;
        self.running = Running::Nothing;
        self.progress(BootProgress::None, at);
        Begin::Transition { generation: self.generation }
    }

    /// Ends one leg of the transition with this number.
    pub(crate) fn advance(&mut self, generation: u64, model: &HardwareModel, at: &str) -> Next {
        if generation != self.generation {
            return Next::Stale;
        }
        match self.power {
            PowerState::PoweringOff if self.on_after_off => {
                self.on_after_off = false;
                self.power = PowerState::PoweringOn;
                Next::Wait
            }
            PowerState::PoweringOff => {
                self.power = PowerState::Off;
                Next::Off
            }
            PowerState::PoweringOn => {
                self.power = PowerState::On;
                self.running = Running::Firmware;
                self.boot_failure = None;
                self.counters.boots += 1;
                self.rescue_password_hash = None;
                self.progress(BootProgress::FirmwareStarted, at);
                self.apply_settings(model);
                Next::Boot
            }
            PowerState::On | PowerState::Off => Next::Stale,
        }
    }

    /// Chooses what to boot, as the firmware does once per start; a one-time override is used up here.
    pub(crate) fn choose_boot_source(&mut self) -> BootSource {
        let fallback = |state: &Self, why| match state.disk {
            Some(_) => BootSource::Disk,
            None => BootSource::Nothing { why },
        };
        let target = self.boot.consume();
        match target {
            BootTarget::Cd => match &self.media[0] {
                Some(media) => BootSource::Iso {
                    url: media.image.clone(),
                    username: media.username.clone(),
                    password: media.password.clone(),
                },
                None => {
                    fallback(self, "told to boot from Cd, but no media is inserted and the disk is empty")
                }
            },
            BootTarget::UefiHttp => match &self.boot.http_boot_uri {
                Some(url) => BootSource::Url { url: url.clone() },
                None => BootSource::Network { http: true },
            },
            BootTarget::BiosSetup => BootSource::Nothing { why: "waiting in the firmware's setup" },
            BootTarget::Pxe => BootSource::Network { http: false },
            BootTarget::None | BootTarget::Hdd | BootTarget::Usb => fallback(self, "the disk is empty"),
        }
    }

    pub(crate) fn progress(&mut self, progress: BootProgress, at: &str) {
        if self.boot_progress != progress {
            self.boot_progress = progress;
            self.boot_progress_at = at.to_owned();
        }
    }

    fn apply_settings(&mut self, model: &HardwareModel) {
        if std::mem::take(&mut self.bios_reset_pending) {
            self.bios = default_bios(model);
        }
        self.bios.append(&mut self.bios_pending);
        self.volumes.settle(&mut self.counters);
        self.firmware.settle(&mut self.counters);
        self.secure_boot_current = self.secure_boot;
    }
}

fn default_bios(model: &HardwareModel) -> BTreeMap<String, Value> {
    model.bios.iter().map(|attribute| (attribute.name.to_owned(), attribute.kind.default_value())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::boot::{BootEnabled, BootMode};
    use super::*;
    use crate::model::MODELS;

    fn server() -> ServerState {
        ServerState::new(MODELS[0], "t0")
    }

    fn drive(state: &mut ServerState, kind: ResetType) -> Vec<PowerState> {
        let Begin::Transition { generation } = state.reset(kind, "t1").unwrap() else { return Vec::new() };
        let mut seen = vec![state.power];
        while state.advance(generation, MODELS[0], "t2") == Next::Wait {
            seen.push(state.power);
        }
        seen.push(state.power);
        seen
    }

    #[test]
    fn transitions_pass_through_the_visible_states() {
        use PowerState::{Off, On, PoweringOff, PoweringOn};
        let mut state = server();
        assert_eq!(drive(&mut state, ResetType::On), [PoweringOn, On]);
        assert_eq!(drive(&mut state, ResetType::On), []);
        assert_eq!(drive(&mut state, ResetType::ForceRestart), [PoweringOn, On]);
        assert_eq!(drive(&mut state, ResetType::PowerCycle), [PoweringOff, PoweringOn, On]);
        assert_eq!(drive(&mut state, ResetType::GracefulShutdown), [PoweringOff, Off]);
        assert_eq!(state.reset(ResetType::ForceRestart, "t"), Err(ResetRefused { power: Off }));
        assert_eq!(state.counters.boots, 3);
    }

    #[test]
    fn a_newer_transition_overtakes_an_older_one() {
        let mut state = server();
        let Begin::Transition { generation: on } = state.reset(ResetType::On, "t").unwrap() else { panic!() };
        let Begin::Transition { generation: off } = state.reset(ResetType::ForceOff, "t").unwrap() else {
            panic!()
        };
        assert_eq!(state.advance(on, MODELS[0], "t"), Next::Stale);
        assert_eq!(state.advance(off, MODELS[0], "t"), Next::Off);
        assert_eq!((state.power, state.counters.boots), (PowerState::Off, 0));
    }

    #[test]
    fn on_while_powering_off_is_remembered_and_force_off_forgets_it() {
        let mut state = server();
        drive(&mut state, ResetType::On);
        let Begin::Transition { generation } = state.reset(ResetType::ForceOff, "t").unwrap() else {
            panic!()
        };
        assert_eq!(state.reset(ResetType::On, "t"), Ok(Begin::Nothing));
        assert_eq!(state.reset(ResetType::ForceOff, "t"), Ok(Begin::Nothing));
        assert_eq!(state.reset(ResetType::On, "t"), Ok(Begin::Nothing));
        assert_eq!(state.advance(generation, MODELS[0], "t"), Next::Wait);
        assert_eq!(state.advance(generation, MODELS[0], "t"), Next::Boot);
    }

    #[test]
    fn once_is_used_up_and_continuous_stays() {
        let mut state = server();
        let media = Media {
            image: "http://images/boot.iso?x=1".to_owned(),
            write_protected: true,
            username: None,
            password: None,
        };
        assert_eq!(media.image_name(), "boot.iso");
        state.media[0] = Some(media);
        for (enabled, left) in
            [(BootEnabled::Once, BootEnabled::Disabled), (BootEnabled::Continuous, BootEnabled::Continuous)]
        {
            state.boot =
                BootOverride { enabled, target: BootTarget::Cd, mode: BootMode::Uefi, http_boot_uri: None };
            assert!(matches!(state.choose_boot_source(), BootSource::Iso { .. }));
            assert_eq!(state.boot.enabled, left);
        }
        state.media[0] = None;
        assert!(matches!(state.choose_boot_source(), BootSource::Nothing { .. }));
    }

    #[test]
    fn pending_firmware_settings_apply_at_the_next_boot() {
        let mut state = server();
        state.bios_pending.insert("SmtControl".to_owned(), "Disabled".into());
        assert_eq!(state.bios["SmtControl"], "Enabled");
        drive(&mut state, ResetType::On);
        assert_eq!(state.bios["SmtControl"], "Disabled");
        assert!(state.bios_pending.is_empty());
        state.bios_reset_pending = true;
        drive(&mut state, ResetType::ForceRestart);
        assert_eq!(state.bios["SmtControl"], "Enabled");
    }
}
