//! Sweeps: what nobody asked for and must happen all the same.

mod boots;
mod due;
mod leases;
mod overdue;
mod power_sync;
mod retention;
mod run;
mod stranded;

pub use power_sync::PowerReading;
