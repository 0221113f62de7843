"""Small documented tables that come with pellucid."""
