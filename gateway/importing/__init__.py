"""Other gateways' configurations as a gateways.yaml: what can be carried is, and of the rest nothing is kept back."""
