namespace IotPlatform.Devices;

/// <summary>The end of a request to a device.</summary>
/// <param name="RequestId">Names the request in the device's topics.</param>
/// <param name="Outcome">How it has ended.</param>
/// <param name="Payload">What the device has answered; empty unless it has.</param>
/// <param name="Duration">From the writing of the request to the outcome; zero where nothing was written.</param>
[GenerateSerializer, Immutable, Alias("iot.invocation-result")]
public sealed record InvocationResult(
    [property: Id(0)] string RequestId,
    [property: Id(1)] InvocationOutcome Outcome,
    [property: Id(2)] ReadOnlyMemory<byte> Payload,
    [property: Id(3)] TimeSpan Duration);
