using IotPlatform.StatusEvents;

namespace IotPlatform.Unit.Tests.StatusEvents;

/// <summary>Places in the order of all status events, and their text.</summary>
public sealed class StatusEventPositionTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 2, 3)]
    [InlineData(long.MaxValue, long.MaxValue, StatusEventPosition.WholePage)]
    public void Position_WrittenAndRead_IsTheSame(long transaction, long page, int index)
    {
        var position = new StatusEventPosition(transaction, page, index);
        Assert.True(StatusEventPosition.TryParse(position.ToString(), out var read));
        Assert.Equal(position, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.")]
    [InlineData("-1.2.3")]
    [InlineData("1.-2.3")]
    [InlineData("1.2.-3")]
    [InlineData(" 1.2.3")]
    [InlineData("1.2.3 ")]
    [InlineData("+1.2.3")]
    [InlineData("a.b.c")]
    [InlineData("9223372036854775808.0.0")]
    [InlineData("0.0.2147483648")]
    public void Text_OfAnythingElse_IsNone(string text) => Assert.False(StatusEventPosition.TryParse(text, out _));

    [Fact]
    public void Positions_AreOrderedByTransactionThenPageThenIndex()
    {
        StatusEventPosition[] inOrder = [StatusEventPosition.Start, new(0, 0, 1), new(0, 1, 0), new(0, 1, StatusEventPosition.WholePage), new(0, 2, 0), new(1, 1, 0), new(2, 0, 0)];
        for (var i = 0; i < inOrder.Length; i++)
        {
            for (var j = 0; j < inOrder.Length; j++)
            {
                Assert.Equal(i < j, inOrder[i].IsBefore(inOrder[j]));
            }
        }
    }
}
