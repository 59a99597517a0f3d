//! What a person sees.

use super::client::{Client, NodeView};
use std::io::{IsTerminal, Write};
use std::time::Instant;

/// Live progress: a table that is redrawn on a terminal, a line for each change elsewhere.
#[derive(Debug)]
pub struct Screen {
    started: Instant,
    shown: Vec<String>,
    terminal: bool,
}

impl Screen {
    /// An empty screen.
    pub fn new() -> Self {
        Self { started: Instant::now(), shown: Vec::new(), terminal: std::io::stdout().is_terminal() }
    }

    /// Shows where every node is.
    pub fn show(&mut self, nodes: &[NodeView]) {
        let lines: Vec<String> = nodes.iter().map(line).collect();
        let seconds = self.started.elapsed().as_secs_f32();
        let mut text = String::new();
        if self.terminal {
            if !self.shown.is_empty() {
                text.push_str(&format!("\x1b[{}A", self.shown.len()));
            }
            for line in &lines {
                text.push_str(&format!("\x1b[2K{seconds:7.1} s  {line}\n"));
            }
        } else {
            for (index, line) in lines.iter().enumerate() {
                if self.shown.get(index) != Some(line) {
                    text.push_str(&format!("{seconds:7.1} s  {line}\n"));
                }
            }
        }
        self.shown = lines;
        let mut out = std::io::stdout().lock();
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            tracing::debug!("nobody watches the progress any more");
        }
    }
}

fn line(node: &NodeView) -> String {
    let step = [&node.deploy_step, &node.clean_step]
        .into_iter()
        .find_map(|step| Some(format!("{}.{}", step["interface"].as_str()?, step["step"].as_str()?)))
        .unwrap_or_default();
    let power = node.power_state.as_deref().unwrap_or("unknown");
    format!("{:12}  {:14}  {:9}  {step}", node.name, node.provision_state, power)
}

/// The table that ends the journey.
pub async fn final_table(client: &Client) -> anyhow::Result<()> {
    println!("\n{:12}  {:14}  {:9}  last error", "node", "provision", "power");
    for node in client.nodes().await? {
        let power = node.power_state.as_deref().unwrap_or("unknown");
        let error: String = node.last_error.as_deref().unwrap_or("-").chars().take(90).collect();
        println!("{:12}  {:14}  {:9}  {error}", node.name, node.provision_state, power);
    }
    Ok(())
}
