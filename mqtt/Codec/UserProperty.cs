namespace IotPlatform.Mqtt.Codec;

/// <summary>A name and a value whose meaning the standard leaves to applications (section 3.3.2.3.7). The order of several is kept.</summary>
public readonly record struct UserProperty(string Name, string Value);
