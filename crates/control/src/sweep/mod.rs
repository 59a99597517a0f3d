//! Sweeps: what nobody asked for and must happen all the same.

mod boots;
mod due;
mod leases;
mod overdue;
mod power_sync;
mod retention;
mod round;
mod run;
mod sensors;
mod stranded;

pub use power_sync::PowerReading;
