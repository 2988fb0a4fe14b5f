using System.Text.Json;
using IotPlatform.E2e.Tests.Cluster.Load;
using IotPlatform.E2e.Tests.Gateways;

namespace IotPlatform.E2e.Tests.Durability.Life;

/// <summary>A device message with all that its sender, its device and those who asked for it have seen. Its owner's lock guards it.</summary>
internal sealed class TrackedMessage(int number, bool hasOwnId, long? timeToLive)
{
    private const string Unknown = "unknown";

    /// <summary>Its place among the messages of its device, which are sent one after the other.</summary>
    public int Number => number;

    /// <summary>Its content, by which it is known; also its id, where it has one of its caller's.</summary>
    public string Content { get; } = $"m{number}";

    /// <summary>Without an id of its caller's it is sent once, whatever the answer: nobody could tell a repetition from another message.</summary>
    public bool HasOwnId => hasOwnId;

    /// <summary>Its id, once its caller knows it.</summary>
    public string? MessageId { get; set; } = hasOwnId ? $"m{number}" : null;

    /// <summary>Seconds; null: longer than any test.</summary>
    public long? TimeToLive => timeToLive;

    public bool IsAccepted { get; set; }

    public bool IsCancelAsked { get; set; }

    /// <summary>What the platform last said of it.</summary>
    public string Status { get; private set; } = Unknown;

    /// <summary>Whether the platform has said that it has ended.</summary>
    public bool HasEnded => End is not null;

    /// <summary>How it has ended, in all that must stay as it is.</summary>
    public string? End { get; private set; }

    /// <summary>When that was heard of.</summary>
    public long EndedAt { get; private set; }

    public List<Arrival> Arrivals { get; } = [];

    /// <summary>Whether it has to end: not where nobody knows whether it is there.</summary>
    public bool IsOpen => !HasEnded && (HasOwnId || IsAccepted || Status != Unknown);

    /// <summary>Whether its device is owed it.</summary>
    public bool IsOwed => IsAccepted && TimeToLive is null && !IsCancelAsked && Arrivals.Count == 0;

    /// <summary>The platform says how it is.</summary>
    /// <returns>What is wrong with that; null: nothing.</returns>
    public string? Reported(JsonElement message, long askedAt, long now)
    {
        Status = Answer.TextOf(message, "status");
        var end = Status is "PENDING" or "SENT" ? null : $"{Status} {Answer.TextOf(message, "finishedAt")} {Answer.NumberOf(message, "attempts")} {Answer.TextOf(message, "reason")}";
        if (End is null)
        {
            (End, EndedAt) = (end, end is null ? 0 : now);
            return end is null ? null : WhyNotLikeThat();
        }

        return End == end || (end is null && askedAt < EndedAt) ? null : $"{this} had ended as {End}, and is {end ?? Status}.";
    }

    /// <summary>It reaches its device.</summary>
    /// <returns>What is wrong with that; null: nothing.</returns>
    public string? Arrived(Arrival arrival)
    {
        var isSecond = Arrivals.Exists(earlier => earlier.SessionNumber == arrival.SessionNumber);
        Arrivals.Add(arrival);
        return HasEnded && arrival.OpenedAt > EndedAt ? $"{this} had ended as {End}, and came again on a connection that was not there then."
            : isSecond && !arrival.IsMarked ? $"{this} came again in one session, not marked as a duplicate."
            : null;
    }

    /// <summary>When nothing is under way any more.</summary>
    /// <returns>What is wrong with it; null: nothing.</returns>
    public string? Judge() =>
        !IsAccepted && HasOwnId ? $"{this} was not accepted in all the time."
        : IsAccepted && Status == Unknown ? $"{this} was accepted, and is not there any more."
        : IsOpen ? $"{this} is {Status}, and its device is there."
        : End?.StartsWith("DELIVERED", StringComparison.Ordinal) == true && Arrivals.Count == 0 ? $"{this} is {End}, and did not arrive."
        : null;

    public override string ToString() => $"{Content} ({string.Join(", ", Arrivals.Select(static a => $"{a.Connection}{(a.IsMarked ? " DUP" : "")} in session {a.SessionNumber}"))})";

    private string? WhyNotLikeThat() => Status switch
    {
        "TIMEOUT" when TimeToLive is null => $"{this} had time, and is {End}.",
        "FAILED" when !IsCancelAsked => $"{this} was not cancelled, and is {End}.",
        "DELIVERED" or "TIMEOUT" or "FAILED" => null,
        _ => $"{this} is {End}.",
    };
}
