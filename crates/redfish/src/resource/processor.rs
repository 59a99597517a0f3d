//! Source: Processor schema.

use crate::client::{Resource, json};

/// A processor.
#[derive(Debug, Clone)]
pub struct Processor(pub Resource);

impl Processor {
    /// Whether it is a CPU that is there: accelerators and empty sockets are not.
    pub fn is_cpu(&self) -> bool {
        let kind = json::text(&self.0.body, &["ProcessorType"]);
        let state = json::text(&self.0.body, &["Status", "State"]);
        matches!(kind, None | Some("CPU")) && state != Some("Absent")
    }

    /// Its architecture as Linux names it.
    pub fn architecture(&self) -> Option<&'static str> {
        let set =
            json::text(&self.0.body, &["InstructionSet"]).and_then(|word| find(&INSTRUCTION_SETS, word));
        let kind = || {
            json::text(&self.0.body, &["ProcessorArchitecture"]).and_then(|word| find(&ARCHITECTURES, word))
        };
        set.or_else(kind)
    }

    /// Its model.
    pub fn model(&self) -> Option<&str> {
        json::text(&self.0.body, &["Model"])
    }

    /// Its threads.
    pub fn threads(&self) -> Option<u64> {
        json::integer(&self.0.body, &["TotalThreads"])
            .or_else(|| json::integer(&self.0.body, &["TotalCores"]))
            .filter(|threads| *threads > 0)
    }

    /// Its highest frequency.
    pub fn max_speed_mhz(&self) -> Option<u64> {
        json::integer(&self.0.body, &["MaxSpeedMHz"]).filter(|speed| *speed > 0)
    }
}

/// What Linux calls an instruction set.
const INSTRUCTION_SETS: [(&str, &str); 7] = [
    ("x86-64", "x86_64"),
    ("x86", "i686"),
    ("ARM-A64", "aarch64"),
    ("ARM-A32", "arm"),
    ("PowerISA", "ppc64le"),
    ("IA-64", "ia64"),
    ("RV64", "riscv64"),
];

/// What Linux calls the 64-bit member of an architecture; servers have no other.
const ARCHITECTURES: [(&str, &str); 5] =
    [("x86", "x86_64"), ("ARM", "aarch64"), ("Power", "ppc64le"), ("IA-64", "ia64"), ("RISC-V", "riscv64")];

fn find(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, linux)| *linux)
}
