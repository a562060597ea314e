"""Measure the chatbot on written questions, and fail the build when its answers get worse."""
