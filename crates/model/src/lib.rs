//! Pure domain of Ferric: resources, lifecycle table, steps, interface names
