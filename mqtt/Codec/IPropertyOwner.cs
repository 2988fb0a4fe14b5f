namespace IotPlatform.Mqtt.Codec;

/// <summary>Something that writes properties in ascending order of their identifiers, without the length in front.</summary>
internal interface IPropertyOwner
{
    void WriteProperties(ref PacketWriter writer);
}
