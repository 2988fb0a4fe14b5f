using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Tests.Topics;

/// <summary>Keeps the topics that it is shown, and has enough after so many.</summary>
internal readonly record struct CollectingTopicVisitor(List<string> Topics, int Enough = int.MaxValue) : ITopicVisitor<string>
{
    public bool OnTopic(string value)
    {
        Topics.Add(value);
        return Topics.Count < Enough;
    }
}
