namespace IotPlatform.Products;

/// <summary>What a permission is for. The numbers are stored.</summary>
[Flags, GenerateSerializer, Alias("iot.topic-access")]
public enum TopicAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Publishing to a topic.</summary>
    Publish = 1,

    /// <summary>Subscribing to it.</summary>
    Subscribe = 2,
}
