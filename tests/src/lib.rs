#![doc = include_str!("../README.md")]

pub mod cluster;
pub mod fake;
pub mod fleet;
pub mod leftovers;
pub mod nodes;
pub mod proxy;
pub mod rest;
pub mod services;
pub mod wait;
