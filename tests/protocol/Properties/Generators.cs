using FsCheck;
using FsCheck.Fluent;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;

namespace IotPlatform.Mqtt.Tests.Properties;

/// <summary>Random packets, topics and filters, all of them valid.</summary>
internal static class Generators
{
    public static Gen<string> Text { get; } = Gen.Elements('a', 'Z', '/', ' ', '$', 'é', '温', '\uFEFF', '\u0001').ArrayOf()
        .Select(letters => new string(letters));

    public static Gen<byte[]> Bytes { get; } = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf();

    public static Gen<string> Topic { get; } = Text.Where(text => text.Length > 0);

    public static Gen<ProtocolVersion> Version { get; } = Gen.Elements(ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt500);

    /// <summary>Few levels of few names, so that topics and filters meet.</summary>
    public static Gen<string> SmallTopic { get; } = Levels(["a", "b", "", "$x"]);

    public static Gen<string> SmallFilter { get; } =
        from levels in Levels(["a", "b", "", "$x", "+"])
        from end in Gen.Elements("", "", "/#")
        from shape in Gen.Choose(0, 9)
        select shape == 0 ? "#" : levels + end;

    public static Gen<PublishValue> Publish(ProtocolVersion version)
        => from topic in Topic
           from payload in Bytes
           from qos in Gen.Elements(QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce)
           from retain in Flag
           from dup in Flag
           from packetId in Gen.Choose(1, ushort.MaxValue)
           from properties in Publish(version == ProtocolVersion.Mqtt500)
           select properties with
           {
               Topic = topic,
               Payload = payload,
               QoS = qos,
               Retain = retain,
               Dup = dup && qos != QoS.AtMostOnce,
               PacketId = qos == QoS.AtMostOnce ? (ushort)0 : (ushort)packetId,
           };

    public static Gen<ConnectPacket> Connect(ProtocolVersion version)
        => from clientId in Topic
           from cleanStart in Flag
           from keepAlive in Gen.Choose(0, ushort.MaxValue)
           from will in OrNull(Will(version == ProtocolVersion.Mqtt500))
           from userName in OrNull(Text)
           from password in OrNull(Bytes)
           from properties in Connect(version == ProtocolVersion.Mqtt500)
           select new ConnectPacket
           {
               Version = version,
               ClientId = clientId,
               CleanStart = cleanStart,
               KeepAlive = (ushort)keepAlive,
               Will = will,
               UserName = userName,
               Password = password is null || (version == ProtocolVersion.Mqtt311 && userName is null) ? default(ReadOnlyMemory<byte>?) : password,
               SessionExpiryInterval = properties.SessionExpiryInterval,
               ReceiveMaximum = properties.ReceiveMaximum,
               MaximumPacketSize = properties.MaximumPacketSize,
               TopicAliasMaximum = properties.TopicAliasMaximum,
               RequestResponseInformation = properties.RequestResponseInformation,
               RequestProblemInformation = properties.RequestProblemInformation,
               AuthenticationMethod = properties.AuthenticationMethod,
               AuthenticationData = properties.AuthenticationData,
               UserProperties = properties.UserProperties,
           };

    private static Gen<bool> Flag => Gen.Elements(true, false);

    private static Gen<UserProperty[]> UserProperties =>
        (from name in Text from value in Text select new UserProperty(name, value)).ArrayOf();

    private static Gen<string> Levels(string[] names)
        => from count in Gen.Choose(1, 4)
           from levels in Gen.Elements(names).ArrayOf(count)
           let topic = string.Join('/', levels)
           select topic.Length == 0 ? "a" : topic;

    private static Gen<PublishValue> Publish(bool hasProperties)
        => !hasProperties ? Gen.Constant(new PublishValue())
        : from format in OrNone(Flag)
          from expiry in OrNone(Gen.Choose(0, int.MaxValue))
          from contentType in OrNull(Text)
          from responseTopic in OrNull(Topic)
          from correlationData in OrNull(Bytes)
          from identifiers in Gen.Choose(1, VariableInteger.Max).ArrayOf()
          from alias in OrNone(Gen.Choose(1, ushort.MaxValue))
          from users in UserProperties
          select new PublishValue
          {
              PayloadFormatIndicator = format,
              MessageExpiryInterval = (uint?)expiry,
              ContentType = contentType,
              ResponseTopic = responseTopic,
              CorrelationData = correlationData,
              SubscriptionIdentifiers = [.. identifiers.Select(value => (uint)value)],
              TopicAlias = (ushort?)alias,
              UserProperties = users,
          };

    private static Gen<ConnectPacket> Connect(bool hasProperties)
        => !hasProperties ? Gen.Constant(new ConnectPacket())
        : from expiry in OrNone(Gen.Choose(0, int.MaxValue))
          from receiveMaximum in OrNone(Gen.Choose(1, ushort.MaxValue))
          from packetSize in OrNone(Gen.Choose(1, int.MaxValue))
          from aliases in OrNone(Gen.Choose(0, ushort.MaxValue))
          from response in OrNone(Flag)
          from problem in OrNone(Flag)
          from method in OrNull(Text)
          from data in OrNull(Bytes)
          from users in UserProperties
          select new ConnectPacket
          {
              SessionExpiryInterval = (uint?)expiry,
              ReceiveMaximum = (ushort?)receiveMaximum,
              MaximumPacketSize = (uint?)packetSize,
              TopicAliasMaximum = (ushort?)aliases,
              RequestResponseInformation = response,
              RequestProblemInformation = problem,
              AuthenticationMethod = method,
              AuthenticationData = method is null || data is null ? default(ReadOnlyMemory<byte>?) : data,
              UserProperties = users,
          };

    private static Gen<WillMessage> Will(bool hasProperties)
        => from topic in Topic
           from payload in Bytes
           from qos in Gen.Elements(QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce)
           from retain in Flag
           from delay in OrNone(Gen.Choose(0, int.MaxValue))
           from publish in Publish(hasProperties)
           select new WillMessage
           {
               Topic = topic,
               Payload = payload,
               QoS = qos,
               Retain = retain,
               DelayInterval = hasProperties ? (uint?)delay : null,
               PayloadFormatIndicator = publish.PayloadFormatIndicator,
               MessageExpiryInterval = publish.MessageExpiryInterval,
               ContentType = publish.ContentType,
               ResponseTopic = publish.ResponseTopic,
               CorrelationData = publish.CorrelationData is null ? default(ReadOnlyMemory<byte>?) : publish.CorrelationData,
               UserProperties = publish.UserProperties,
           };

    private static Gen<T?> OrNull<T>(Gen<T> values)
        where T : class
        => from value in values from isThere in Flag select isThere ? value : null;

    private static Gen<T?> OrNone<T>(Gen<T> values)
        where T : struct
        => from value in values from isThere in Flag select isThere ? value : (T?)null;
}
