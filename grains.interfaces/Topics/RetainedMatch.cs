namespace IotPlatform.Topics;

/// <summary>A retained message and the filter that it was found for.</summary>
/// <param name="Filter">The filter's place in the request.</param>
/// <param name="Message">The message.</param>
[GenerateSerializer, Immutable, Alias("iot.retained-match")]
public readonly record struct RetainedMatch([property: Id(0)] int Filter, [property: Id(1)] RetainedMessage Message);
