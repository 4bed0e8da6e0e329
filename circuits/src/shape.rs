//! What each gadget and circuit costs.
