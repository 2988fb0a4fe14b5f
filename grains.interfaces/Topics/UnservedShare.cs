namespace IotPlatform.Topics;

/// <summary>A shared subscription that a publish could not be given to.</summary>
/// <param name="Message">The place of the publish in its batch.</param>
/// <param name="Share">The shared subscription.</param>
[GenerateSerializer, Immutable, Alias("iot.unserved-share")]
public readonly record struct UnservedShare([property: Id(0)] int Message, [property: Id(1)] string Share);
