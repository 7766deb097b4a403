"""Plans, indicators, targets, figures, the dashboard."""
