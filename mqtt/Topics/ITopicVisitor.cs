namespace IotPlatform.Mqtt.Topics;

/// <summary>Receives what a topic filter matches. A struct, so that matching allocates nothing and its calls can be inlined.</summary>
public interface ITopicVisitor<TValue>
{
    /// <summary>Called for each topic name that matches, in the order of the tree.</summary>
    /// <returns>Whether to go on.</returns>
    bool OnTopic(TValue value);
}
