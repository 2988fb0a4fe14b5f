namespace IotPlatform.Api.Access;

/// <summary>Endpoint metadata: no key is needed. Every endpoint without it is closed.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class OpenToAllAttribute : Attribute;
