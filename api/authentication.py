from rest_framework.authentication import BaseAuthentication
class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request): return None
