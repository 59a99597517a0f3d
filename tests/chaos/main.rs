//! What must hold when processes die at the worst moment.

mod conductor_kill;
