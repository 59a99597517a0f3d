//! What must hold when processes die at the worst moment.
//!
//! `FERRIC_CHAOS_DEPLOYS` says how many deployments, `FERRIC_CHAOS_SEED` repeats the choices of an earlier run (not its
//! timing: that is the operating system's).

mod conductor_freeze;
mod conductor_kill;
mod fault;
mod resume;
mod sessions;
mod storm;
mod verdict;
mod weather;
