//! Bus trait, envelope codec and topology; RabbitMQ and in-process
