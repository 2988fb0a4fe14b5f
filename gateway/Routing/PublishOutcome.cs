using IotPlatform.Mqtt;

namespace IotPlatform.Routing;

/// <summary>What became of a publish.</summary>
/// <param name="Reason">As the publisher is told.</param>
/// <param name="Accepted">Completes when other gateways have taken it; null when nobody is waited for.</param>
internal readonly record struct PublishOutcome(ReasonCode Reason, Task? Accepted);
