namespace IotPlatform.Clients;

/// <summary>Messages that were dropped for one reason.</summary>
/// <param name="Reason">The reason, as metrics name it.</param>
/// <param name="Count">How many.</param>
[GenerateSerializer, Immutable, Alias("iot.drop-count")]
public sealed record DropCount([property: Id(0)] string Reason, [property: Id(1)] long Count);
