//! Interface traits, hardware-type registry, outcomes; noop and fake interfaces
