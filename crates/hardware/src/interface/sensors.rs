//! What the sensors of a node say.

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SensorKind {
    /// A temperature.
    Temperature,
    /// A fan.
    Fan,
    /// A power supply.
    Power,
    /// A drive.
    Drive,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Ok,
    /// Somebody should look at it.
    Warning,
    /// Somebody must look at it at once.
    Critical,
}

/// In what something is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Degrees Celsius.
    Celsius,
    /// Turns a minute.
    Rpm,
    /// Parts of a hundred of the most that is possible.
    Percent,
    /// Watts.
    Watts,
}

/// What a sensor says of a part of a node.
///
/// **Invariant**: no part holds a secret; it goes to metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensor {
    /// What is watched.
    pub kind: SensorKind,
    /// Identity among the sensors of the same kind of the node, the same at every reading.
    pub id: String,
    /// Its name for people.
    pub name: Option<String>,
    /// What part of the hardware it is at, in the BMC's words: `CPU`, `Intake`, …
    pub context: Option<String>,
    /// What it measures.
    pub measured: Option<(f64, Unit)>,
    /// How the part is, as far as the BMC tells.
    pub health: Option<Health>,
}

impl Health {
    /// Reads the word that BMCs have for it.
    ///
    /// Source: DSP0268, `Health`.
    pub fn find(word: &str) -> Option<Self> {
        match word {
            "OK" => Some(Self::Ok),
            "Warning" => Some(Self::Warning),
            "Critical" => Some(Self::Critical),
            _ => None,
        }
    }
}
