namespace IotPlatform.Sessions;

/// <summary>One message on its way to a client.</summary>
/// <param name="Sequence">Its place in the session; decides its packet identifier.</param>
/// <param name="Message">The message; null when it only has to be released.</param>
/// <param name="QoS">1 or 2.</param>
/// <param name="IsRetain">The RETAIN flag.</param>
/// <param name="Identifiers">The identifiers of the subscriptions that it is for, as encoded properties.</param>
/// <param name="IsDuplicate">It may have been sent before.</param>
[GenerateSerializer, Immutable, Alias("iot.pushed-message")]
public sealed record PushedMessage(
    [property: Id(0)] long Sequence,
    [property: Id(1)] SessionMessage? Message,
    [property: Id(2)] int QoS,
    [property: Id(3)] bool IsRetain,
    [property: Id(4)] ReadOnlyMemory<byte> Identifiers,
    [property: Id(5)] bool IsDuplicate);
