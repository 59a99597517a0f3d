//! What is wrong with a server until it is repaired.

use ferric_bmc_sim::{Fault, FaultKind};

fn broken(message: &str) -> FaultKind {
    FaultKind::Status { status: 500, message: message.to_owned() }
}

fn step_fails(step: &str) -> Fault {
    Fault::new(FaultKind::AgentStepFails { message: format!("{step}: Input/output error") }).on(step)
}

/// Nothing can be read of the server; code `redfish-refused`.
pub fn unreadable() -> Fault {
    Fault::new(broken("The flash of the BMC is worn out")).on("GET /Systems").forever()
}

/// The login does not work any more; code `redfish-unauthorized`.
pub fn locked_out() -> Fault {
    Fault::new(FaultKind::WrongCredentials).forever()
}

/// No image can be inserted; code `vmedia-insert-refused`.
pub fn without_media() -> Fault {
    Fault::new(broken("The virtual media service has crashed")).on("POST VirtualMedia.InsertMedia").forever()
}

/// Whoever wants to switch the server off is told that it will be, and it stays on; code `power-state-not-reached`.
pub fn stays_on() -> Fault {
    Fault::new(FaultKind::LostPowerAction).on("ForceOff").forever()
}

/// The same for switching it on.
pub fn stays_off() -> Fault {
    Fault::new(FaultKind::LostPowerAction).on("On").forever()
}

/// The ramdisk's kernel starts, and nothing is heard of its agent; code `boot-agent-silent` in the end.
pub fn mute() -> Fault {
    Fault::new(FaultKind::AgentNeverBoots).forever()
}

/// A step of the agent fails; code `agent-command-failed`.
pub fn burnin_fails() -> Fault {
    step_fails("burnin_cpu").forever()
}

/// The same, but only the first time.
pub fn burnin_fails_once() -> Fault {
    step_fails("burnin_cpu")
}

/// The disk cannot be written; code `agent-command-failed`.
pub fn write_fails() -> Fault {
    step_fails("write_image").forever()
}

/// Nobody is let into the rescue system; code `agent-command-failed`.
pub fn rescue_fails() -> Fault {
    step_fails("rescue.finalize_rescue").forever()
}
