namespace IotPlatform.Unit.Tests.Contracts;

/// <summary>How things may be named.</summary>
public sealed class NamesTests
{
    // Half of a surrogate pair is no argument of a test: it would not survive the way through the metadata.
    [Fact]
    public void DisplayName_IsTextThatEveryStoreTakes()
    {
        string[] right = ["", "Lamp, upper floor: \u00e9\u4e2d\t", "\ud83d\udca1", "\ud83d\udca1\ud83d\udca1"];
        string[] wrong = ["a\0b", "\ud83d", "\udca1", "\udca1\ud83d", "\ud83d\ud83d\udca1", "\ud83da"];
        Assert.All(right, static name => Assert.True(Names.IsDisplayName(name)));
        Assert.All(wrong, static name => Assert.False(Names.IsDisplayName(name)));
    }

    [Fact]
    public void DisplayName_HasABound()
    {
        Assert.True(Names.IsDisplayName(new string('x', Names.DisplayNameLengthMax)));
        Assert.False(Names.IsDisplayName(new string('x', Names.DisplayNameLengthMax + 1)));
    }
}
